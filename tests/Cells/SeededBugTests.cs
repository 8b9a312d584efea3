using SpanRnn.Cells.Training;

namespace SpanRnn.Tests;

/// <summary>The checkers are checked: gradients with a known mistake in them do not pass.</summary>
[Trait("Category", "Simd")]
public class SeededBugTests
{
    private static readonly ProblemShape _shape = new(
        2,
        [new RecurrentLayer(CellKind.GruResetAfter, 3) { Bidirectional = true }],
        4,
        [4, 2, 3],
        true,
        ProblemLoss.MeanSquaredError,
        5);

    private static readonly ProblemShape _dropped = _shape with
    {
        Layers = [_shape.Layers[0], new RecurrentLayer(CellKind.GruResetBefore, 3)],
        Between = 0.4,
        Recurrent = 0.3,
    };

    private static readonly ProblemShape _stacked = _shape with
    {
        Layers =
        [
            new DenseLayer(3) { Activation = ActivationKind.Softplus },
            new RecurrentLayer(CellKind.GruResetAfter, 3)
            {
                Bidirectional = true,
                ReverseActivations = Variants.Other(CellKind.GruResetAfter),
            },
            new RecurrentLayer(CellKind.GruResetAfter, 3) { Reverse = true },
            new FinalStateLayer(),
            new DenseLayer(2) { Activation = ActivationKind.Tanh },
            new DenseLayer(3) { Activation = ActivationKind.Softsign },
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
        ],
        Lengths = [4, 0, 3],
    };

    // A sequence without steps among them.
    private static readonly ProblemShape _pooled = _shape with
    {
        Layers = [new RecurrentLayer(CellKind.GruResetAfter, 4), new PoolLayer(Pooling.Mean)],
        Lengths = [4, 0, 3],
    };

    private static readonly ProblemShape _skipped = _shape with
    {
        Layers =
        [
            new RecurrentLayer(CellKind.Lstm, 3),
            new DenseLayer(2) { Activation = ActivationKind.Tanh },
            new SkipLayer(0),
            new SkipLayer(1) { Features = 2 },
        ],
    };

    public static TheoryData<SeededBug> Bugs => [.. Enum.GetValues<SeededBug>()];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_bug_in_a_cell_is_caught(SeededBug bug)
    {
        var random = new Random(3);
        double[] point = new double[HandWrittenLstm.PointLength];
        foreach (ref double value in point.AsSpan())
        {
            value = (2 * random.NextDouble()) - 1;
        }

        double[] gradient = new HandWrittenLstm(point).Gradient(bug);
        Assert.All(gradient, d => Assert.True(double.IsFinite(d)));
        GradientCheckResult result = GradientCheck.Run<double>(at => new HandWrittenLstm(at).Loss, point, gradient);
        Assert.True(result.Passed == (bug == SeededBug.None), result.ToString());
    }

    [Fact]
    public void A_right_gradient_passes() => Expect(true, _shape, (problem, run) => run.Train(problem));

    [Fact]
    public void A_final_state_that_gets_no_gradient_is_caught() => Expect(false, _shape, (problem, run) =>
    {
        run.Forward();
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        Array.Clear(run.DState);
        run.Backward();
    });

    [Fact]
    public void Lengths_ignored_are_caught() => Expect(false, _shape, TrainedWithPadding);

    [Fact]
    public void A_wrong_sign_in_the_update_gate_is_caught() => Expect(false, _shape, (problem, run) =>
    {
        run.Train(problem);
        problem.Spec.NegateUpdateGates<double>(run.Gradients);
    });

    [Fact]
    public void Recurrent_weights_transposed_are_caught() => Expect(false, _shape, (problem, run) =>
    {
        run.Forward();
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        ParameterSlot slot = problem.Spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!;
        Span<double> weights = slot.In(run.Parameters.AsSpan());
        for (int gate = 0; gate < 3; gate++)
        {
            Span<double> block = weights.Slice(gate * 9, 9);
            (block[1], block[3]) = (block[3], block[1]);
            (block[2], block[6]) = (block[6], block[2]);
            (block[5], block[7]) = (block[7], block[5]);
        }

        run.Backward();
    });

    [Fact]
    public void An_input_gradient_one_step_late_is_caught() => Expect(false, _shape, (problem, run) =>
    {
        run.Train(problem);
        int step = problem.Batch * problem.Spec.InputSize;
        run.DX.AsSpan(0, run.DX.Length - step).ToArray().CopyTo(run.DX, step);
    });

    [Fact]
    public void Directions_swapped_are_caught() => Expect(false, _shape, (problem, run) =>
    {
        run.Train(problem);
        Span<double> forward = problem.Spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.In(run.Gradients.AsSpan());
        Span<double> reverse = problem.Spec.Slot(0, Direction.Reverse, ParameterRole.InputWeights)!.In(run.Gradients.AsSpan());
        double[] kept = forward.ToArray();
        reverse.CopyTo(forward);
        kept.CopyTo(reverse);
    });

    [Fact]
    public void Gradients_not_cleared_are_caught() => Expect(false, _shape, (problem, run) =>
    {
        run.Train(problem);
        problem.State.CopyTo(run.State, 0);
        run.Train(problem);
    });

    [Fact]
    public void Histories_cut_in_the_middle_are_caught()
    {
        ProblemShape shape = _shape with { Layers = [new RecurrentLayer(CellKind.GruResetAfter, 3)], Lengths = [4, 4, 4] };
        Expect(true, shape, (problem, run) => Halves.Train(problem, run, carry: true));
        Expect(false, shape, (problem, run) => Halves.Train(problem, run, carry: false));
    }

    [Fact]
    public void A_right_gradient_of_a_stack_passes()
    {
        Expect(true, _stacked, (problem, run) => run.Train(problem));
        Expect(true, _stacked, TrainedAs(shape => shape));
    }

    [Fact]
    public void A_normalization_forgotten_backward_is_caught() => Expect(
        false, _stacked, TrainedAs(shape => With<ActivationLayer>(shape, 6, layer => layer with { Normalization = Normalization.None })));

    [Fact]
    public void An_activation_forgotten_backward_is_caught()
    {
        foreach (int layer in new[] { 0, 4, 5 })
        {
            Expect(false, _stacked, TrainedAs(shape => With<DenseLayer>(
                shape, layer, dense => dense with { Activation = ActivationKind.Identity })));
        }
    }

    [Fact]
    public void Activations_of_the_other_direction_are_caught() => Expect(
        false, _stacked, TrainedAs(shape => With<RecurrentLayer>(shape, 1, layer => layer with { ReverseActivations = null })));

    [Fact]
    public void A_reverse_layer_run_forward_is_caught() => Expect(
        false, _stacked, TrainedAs(shape => With<RecurrentLayer>(shape, 2, layer => layer with { Reverse = false })));

    [Fact]
    public void Right_gradients_of_poolings_pass()
    {
        LayerSpec[] poolings =
        [
            .. Enum.GetValues<Pooling>().Select(kind => new PoolLayer(kind)), .. Variants.WholeSequencePoolings, new FinalStateLayer(),
        ];
        foreach (LayerSpec pooling in poolings)
        {
            Expect(true, With(_pooled, 1, pooling), (problem, run) => run.Train(problem));
        }
    }

    [Theory]
    [InlineData(Pooling.Mean, Pooling.Maximum)]
    [InlineData(Pooling.Maximum, Pooling.Mean)]
    [InlineData(Pooling.Sum, Pooling.Last)]
    [InlineData(Pooling.Last, Pooling.Sum)]
    public void A_pooling_of_another_kind_backward_is_caught(Pooling kind, Pooling other) =>
        Expect(false, With(_pooled, 1, new PoolLayer(kind)), TrainedAs(shape => With(shape, 1, new PoolLayer(other))));

    [Fact]
    public void Padding_in_a_pooling_is_caught()
    {
        foreach (LayerSpec pooling in (LayerSpec[])[new PoolLayer(Pooling.Mean), new PoolLayer(Pooling.Last), new AttentionLayer()])
        {
            Expect(false, With(_pooled, 1, pooling), TrainedWithPadding);
        }
    }

    [Fact]
    public void Poolings_cut_in_the_middle_are_caught()
    {
        foreach (Pooling kind in new[] { Pooling.Mean, Pooling.Sum, Pooling.Maximum })
        {
            // The input itself, so that the pooling alone has a state.
            ProblemShape shape = _shape with { Layers = [new PoolLayer(kind)], Lengths = [4, 4, 4] };
            Expect(true, shape, (problem, run) => Halves.Train(problem, run, carry: true));
            Expect(false, shape, (problem, run) => Halves.Train(problem, run, carry: false));
        }
    }

    [Fact]
    public void A_count_without_a_gradient_is_caught() => Expect(false, _pooled, (problem, run) =>
    {
        run.Train(problem);
        problem.Spec.State(1, Direction.Forward, StateKind.Count)!.In(run.DState.AsSpan(), problem.Batch).Clear();
    });

    [Fact]
    public void Another_step_is_caught() =>
        Expect(false, With(_pooled, 1, new StepLayer(2)), TrainedAs(shape => With(shape, 1, new StepLayer(1))));

    [Fact]
    public void Shares_of_attention_that_depend_on_nothing_are_caught() =>
        Expect(false, With(_pooled, 1, new AttentionLayer()), (problem, run) =>
        {
            run.Train(problem);
            NetworkRun<double> even = problem.Run<double>();
            problem.Spec.Slot(1, Direction.Forward, ParameterRole.InputWeights)!.In(even.Parameters.AsSpan()).Clear();
            even.Train(problem);
            even.DX.CopyTo(run.DX, 0);
        });

    [Fact]
    public void Scores_of_attention_without_a_gradient_are_caught() =>
        Expect(false, With(_pooled, 1, new AttentionLayer()), (problem, run) =>
        {
            run.Train(problem);
            problem.Spec.Slot(1, Direction.Forward, ParameterRole.InputWeights)!.In(run.Gradients.AsSpan()).Clear();
        });

    [Fact]
    public void Final_states_in_another_order_are_caught()
    {
        LayerSpec[] layers =
        [
            new RecurrentLayer(CellKind.Lstm, 3) { Bidirectional = true },
            new RecurrentLayer(CellKind.Lstm, 3),
            new FinalStateLayer { AllLayers = true, Cells = true },
        ];
        ProblemShape shape = _shape with { Layers = layers };
        Expect(true, shape, (problem, run) => run.Train(problem));

        // Directions, layers, and h and c.
        foreach ((int one, int other) in new[] { (0, 3), (0, 6), (3, 6), (0, 9) })
        {
            Expect(false, shape, (problem, run) =>
            {
                run.Forward();
                problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
                double[] dy = [.. run.DY];
                for (int b = 0; b < problem.Batch; b++)
                {
                    int row = b * problem.Spec.OutputSize;
                    dy.AsSpan(row + one, 3).CopyTo(run.DY.AsSpan(row + other));
                    dy.AsSpan(row + other, 3).CopyTo(run.DY.AsSpan(row + one));
                }

                run.Backward();
            });
        }
    }

    [Fact]
    public void Right_gradients_of_skips_pass()
    {
        foreach (SkipScale scale in Enum.GetValues<SkipScale>())
        {
            Expect(
                true,
                With<SkipLayer>(With<SkipLayer>(_skipped, 2, skip => skip with { Scale = scale }), 3, skip => skip with { Scale = scale }),
                (problem, run) => run.Train(problem));
        }
    }

    [Fact]
    public void A_skip_forgotten_backward_is_caught()
    {
        foreach (int skip in new[] { 2, 3 })
        {
            Expect(false, _skipped, TrainedAs(shape => With(shape, skip, new ActivationLayer(ActivationKind.Identity))));
        }
    }

    [Fact]
    public void A_skip_from_another_layer_is_caught() =>
        Expect(false, _skipped, TrainedAs(shape => With<SkipLayer>(shape, 3, skip => skip with { From = 2 })));

    [Fact]
    public void A_skip_of_fewer_features_is_caught() =>
        Expect(false, _skipped, TrainedAs(shape => With<SkipLayer>(shape, 3, skip => skip with { Features = 1 })));

    [Theory]
    [InlineData(SkipScale.One)]
    [InlineData(SkipScale.PerFeature)]
    public void A_factor_of_a_skip_without_a_gradient_or_forgotten_backward_is_caught(SkipScale scale)
    {
        ProblemShape scaled = With<SkipLayer>(_skipped, 2, skip => skip with { Scale = scale });
        Expect(false, scaled, (problem, run) =>
        {
            run.Train(problem);
            Factors(problem, run.Gradients).Clear();
        });
        Expect(false, scaled, (problem, run) =>
        {
            run.Forward();
            problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
            Factors(problem, run.Parameters).Fill(1);
            run.Backward();
        });

        static Span<double> Factors(Problem problem, double[] parameters) =>
            problem.Spec.Slot(2, Direction.Forward, ParameterRole.Scale)!.In(parameters.AsSpan());
    }

    [Fact]
    public void Another_merge_behind_a_pooling_is_caught()
    {
        ProblemShape shape = _shape with
        {
            Layers =
            [
                new RecurrentLayer(CellKind.GruResetAfter, 3) { Bidirectional = true },
                new FinalStateLayer(),
                new MergeLayer(DirectionMerge.Sum),
            ],
        };
        Expect(true, shape, (problem, run) => run.Train(problem));
        foreach (DirectionMerge other in new[] { DirectionMerge.Average, DirectionMerge.Product })
        {
            Expect(false, shape, TrainedAs(merged => With(merged, 2, new MergeLayer(other))));
        }
    }

    private static ProblemShape With<TLayer>(ProblemShape shape, int index, Func<TLayer, TLayer> change)
        where TLayer : LayerSpec => With(shape, index, change((TLayer)shape.Layers[index]));

    private static ProblemShape With(ProblemShape shape, int index, LayerSpec layer)
    {
        LayerSpec[] layers = [.. shape.Layers];
        layers[index] = layer;
        return shape with { Layers = layers };
    }

    /// <summary>Gradient of this network's loss as another network of the same parameters computes it.</summary>
    private static Action<Problem, NetworkRun<double>> TrainedAs(Func<ProblemShape, ProblemShape> other) => (problem, run) =>
    {
        run.Forward();
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        NetworkRun<double> wrong = new Problem(other(problem.Shape)).Run<double>();
        Assert.Equal(run.Parameters, wrong.Parameters);
        wrong.Forward();
        run.DY.CopyTo(wrong.DY, 0);
        run.DState.CopyTo(wrong.DState, 0);
        wrong.Backward();
        wrong.Gradients.CopyTo(run.Gradients, 0);
        wrong.DX.CopyTo(run.DX, 0);
        wrong.DState.CopyTo(run.DState, 0);
    };

    /// <summary>Gradient of a run that takes the padding for steps.</summary>
    private static void TrainedWithPadding(Problem problem, NetworkRun<double> ragged)
    {
        int[] full = Array.ConvertAll(problem.Shape.Lengths, _ => problem.Shape.Steps);
        var dense = new NetworkRun<double>(problem.Spec, problem.Shape.Steps, full);
        ragged.Parameters.CopyTo(dense.Parameters, 0);
        ragged.X.CopyTo(dense.X, 0);
        ragged.State.CopyTo(dense.State, 0);
        dense.Forward();
        problem.Loss<double>(dense.Y, dense.State, dense.DY, dense.DState);
        foreach (ref double d in dense.DY.AsSpan())
        {
            d = double.IsNaN(d) ? 0 : d;
        }

        dense.Backward();
        dense.Gradients.CopyTo(ragged.Gradients, 0);
        dense.DX.CopyTo(ragged.DX, 0);
        dense.DState.CopyTo(ragged.DState, 0);
    }

    [Fact]
    public void A_right_gradient_under_dropout_passes() => Expect(true, _dropped, (problem, run) => run.Train(problem));

    [Fact]
    public void Masks_forgotten_backward_are_caught() => ExpectWrongMasks((_, _) => null);

    [Fact]
    public void Masks_of_another_step_backward_are_caught() => ExpectWrongMasks((problem, layout) => problem.Dropout<double>(layout, 4));

    [Fact]
    public void Kept_numbers_not_divided_by_what_is_kept_are_caught() => ExpectWrongMasks((problem, layout) =>
    {
        Dropout<double> dropout = problem.Dropout<double>(layout)!;
        foreach (ref double mask in dropout.Between(1).Span)
        {
            mask = mask > 0 ? 1 : 0;
        }

        return dropout;
    });

    [Fact]
    public void A_mask_of_one_number_too_many_is_caught() => ExpectWrongMasks((problem, layout) =>
    {
        Dropout<double> dropout = problem.Dropout<double>(layout)!;
        Span<double> mask = dropout.Recurrent(0, 1).Span;
        mask[mask.IndexOfAnyExcept(0.0)] = 0;
        return dropout;
    });

    [Fact]
    public void Directions_with_each_others_masks_are_caught() => ExpectWrongMasks((problem, layout) =>
    {
        Dropout<double> dropout = problem.Dropout<double>(layout)!;
        double[] forward = dropout.Recurrent(0, 0).Span.ToArray();
        dropout.Recurrent(0, 1).Span.CopyTo(dropout.Recurrent(0, 0).Span);
        forward.CopyTo(dropout.Recurrent(0, 1).Span);
        return dropout;
    });

    private static void ExpectWrongMasks(Func<Problem, SequenceLayout, Dropout<double>?> wrong) => Expect(false, _dropped, (problem, run) =>
    {
        run.Forward();
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        run.Dropout = wrong(problem, run.Layout);
        run.Backward();
    });

    /// <summary>Both checkers, finite differences and the oracle, find the gradient right or wrong.</summary>
    private static void Expect(bool right, ProblemShape shape, Action<Problem, NetworkRun<double>> train)
    {
        var problem = new Problem(shape);
        NetworkRun<double> run = problem.Run<double>();
        train(problem, run);
        double[] gradient = run.Gradient();
        Assert.All(gradient, d => Assert.True(double.IsFinite(d)));
        GradientCheckResult result = problem.Check(gradient);
        Assert.True(result.Passed == right, $"{problem.NameOf(result.Index)}: {result}");

        NetworkRun<double> forward = problem.Run<double>();
        forward.Forward();
        problem.Loss<double>(forward.Y, forward.State, forward.DY, forward.DState);
        double worst = 0;
        foreach ((double a, double b) in gradient.Zip(problem.Oracle().Gradient(forward.DY, forward.DState)))
        {
            worst = Math.Max(worst, Math.Abs(a - b));
        }

        Assert.True((worst <= 1e-12) == right, $"The worst difference to the oracle is {worst:g3}.");
    }
}
