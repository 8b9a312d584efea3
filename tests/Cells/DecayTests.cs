namespace SpanRnn.Tests;

/// <summary>States and gradients that decay become zero before they become denormal.</summary>
[Trait("Category", "Simd")]
public class DecayTests
{
    private const int HiddenSize = 21;

    // 2⁻⁹⁹ is the last power of one half that is not below 10⁻³⁰.
    private const int LastStep = 99;

    [Fact]
    public void A_state_that_decays_becomes_zero()
    {
        foreach (CellKind cell in Variants.Cells)
        {
            Network<float> network = Halving(cell, out float[] parameters);
            var layout = new SequenceLayout();
            layout.Set(4 * LastStep, 1);
            float[] state = Start(cell, network.StateLength(1));
            float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
            float[] x = new float[network.Spec.InputLength(layout.Steps, layout.Batch)];
            float[] tape = new float[network.TapeLength(layout)];
            network.Forward(parameters, layout, x, state, y, tape, new float[network.WorkspaceLength(layout)]);
            Assert.DoesNotContain(y, IsSmall);
            Assert.DoesNotContain(0f, y[..(HiddenSize * LastStep / 2)]);
            Assert.All(state, value => Assert.Equal(0, value));
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void A_stream_that_decays_becomes_zero(WeightPrecision precision)
    {
        foreach (CellKind cell in Variants.Cells)
        {
            PackedNetwork network = Packed(cell, precision);
            StreamState state = PackedRun.State(network, Start(cell, network.Spec.StateSize));
            float[] y = new float[HiddenSize];
            for (int step = 1; step <= 4 * LastStep; step++)
            {
                state.Step([0], y);
                Assert.DoesNotContain(PackedRun.Values(state), IsSmall);
                if (step == LastStep / 2)
                {
                    Assert.DoesNotContain(0f, PackedRun.Values(state));
                }
            }

            Assert.All(PackedRun.Values(state), value => Assert.Equal(0, value));
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Whole_sequences_and_many_streams_decay_to_zero(WeightPrecision precision)
    {
        const int Streams = 3;
        foreach (CellKind cell in Variants.Cells)
        {
            PackedNetwork network = Packed(cell, precision);
            var layout = new SequenceLayout();
            layout.Set(4 * LastStep, Streams);
            StreamState[] run = NewStates();
            float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
            network.Run(layout, new float[layout.Rows], run, y, new float[network.RunWorkspaceLength(layout)]);
            Assert.DoesNotContain(y, IsSmall);
            StreamState[] many = NewStates();
            for (int step = 0; step < layout.Steps; step++)
            {
                float[] workspace = new float[network.StepManyWorkspaceLength(Streams)];
                network.StepMany(new float[Streams], many, y.AsSpan(0, Streams * HiddenSize), workspace);
                Assert.All(many, state => Assert.DoesNotContain(PackedRun.Values(state), IsSmall));
            }

            Assert.All([.. run, .. many], state => Assert.DoesNotContain(PackedRun.Values(state), value => value != 0));

            StreamState[] NewStates() =>
                [.. Enumerable.Range(0, Streams).Select(_ => PackedRun.State(network, Start(cell, network.Spec.StateSize)))];
        }
    }

    /// <summary>The bits are those of a zero, in every call, on every layer's input and in given states.</summary>
    [Theory]
    [MemberData(nameof(Precisions))]
    public void Denormal_inputs_and_states_count_as_zero(WeightPrecision precision)
    {
        foreach (LayerSpec layer in PackedProblems.Layers(HiddenSize))
        {
            var problem = new Problem(new ProblemShape(19, [layer], 3, [3, 3], false, ProblemLoss.Linear, 3));
            PackedNetwork network = PackedRun.Pack(problem, precision);
            var results = new PackedResult[6];
            for (int i = 0; i < 2; i++)
            {
                float small = i == 0 ? 0 : 1e-40f;
                var run = PackedRun.Of(problem, network);
                for (int unit = 0; unit < network.Spec.StateSize; unit += 2)
                {
                    run.Initial(0)[unit] = small;
                    run.Initial(1)[unit] = -small;
                    run.Initial(1)[unit / 2] = 0.5f;
                }

                for (int step = 0; step < 3; step++)
                {
                    run.X(step, 0).Fill(small);
                    run.X(step, 1)[4..11].Fill(small);
                }

                results[i] = run.Run();
                results[2 + i] = run.Step();
                results[4 + i] = run.StepMany();
            }

            Assert.All(results, result => result.AssertSame("of denormal numbers", results[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Denormal_numbers_restored_count_as_zero(WeightPrecision precision)
    {
        foreach (CellKind cell in Variants.Cells)
        {
            PackedNetwork network = Packed(cell, precision);
            float[] denormal = new float[network.Spec.StateSize];
            denormal.AsSpan().Fill(1e-40f);
            StreamState given = PackedRun.State(network, denormal);
            byte[] saved = new byte[given.SavedLength];
            given.Save(saved);
            StreamState restored = network.CreateStream();
            restored.Restore(saved);
            float[] y = new float[HiddenSize];
            restored.Step([0], y);
            Assert.DoesNotContain(PackedRun.Values(restored), IsSmall);
            Assert.DoesNotContain(y, IsSmall);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1e-30f, false)]
    [InlineData(0.9e-30f, true)]
    [InlineData(-1e-40f, true)]
    [InlineData(float.NaN, true)]
    public void What_counts_as_small(float value, bool expected) => Assert.Equal(expected, IsSmall(value));

    [Fact]
    public void A_gradient_that_vanishes_becomes_zero()
    {
        foreach (CellKind cell in Variants.Cells)
        {
            Assert.All(GradientOfState(cell, 4 * LastStep), value => Assert.Equal(0, value));
            float[] shorter = GradientOfState(cell, LastStep / 2);
            Assert.Contains(shorter, value => value != 0);
            Assert.DoesNotContain(shorter, value => value != 0 && !(Math.Abs(value) >= 1e-31f));
        }
    }

    public static TheoryData<WeightPrecision> Precisions() => [.. PackedProblems.Precisions];

    private static bool IsSmall(float value) => value != 0 && !(Math.Abs(value) >= 1e-30f);

    private static float[] Start(CellKind cell, int length)
    {
        float[] state = new float[length];
        state.AsSpan().Fill(cell == CellKind.Lstm ? 1e-3f : 1);
        return state;
    }

    private static PackedNetwork Packed(CellKind cell, WeightPrecision precision)
    {
        Network<float> network = Halving(cell, out float[] parameters);
        return new PackedNetwork(network.Spec, parameters, precision);
    }

    private static float[] GradientOfState(CellKind cell, int steps)
    {
        Network<float> network = Halving(cell, out float[] parameters);
        var layout = new SequenceLayout();
        layout.Set(steps, 1);
        float[] x = new float[network.Spec.InputLength(layout.Steps, layout.Batch)];
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        float[] tape = new float[network.TapeLength(layout)];
        float[] workspace = new float[network.WorkspaceLength(layout)];
        float[] state = new float[network.StateLength(1)];
        network.Forward(parameters, layout, x, state, y, tape, workspace);
        float[] dState = new float[state.Length];
        dState.AsSpan().Fill(1);
        float[] gradients = new float[parameters.Length];
        var buffers = new BackwardBuffers<float> { Dy = new float[y.Length], DState = dState, Gradients = gradients };
        network.Backward(parameters, layout, tape, buffers, workspace);
        return dState;
    }

    // Without weights, a gate of 1/2 keeps half of the state of an LSTM or GRU; an Elman cell needs the weight 1/2.
    private static Network<float> Halving(CellKind cell, out float[] parameters)
    {
        var spec = new NetworkSpec(1, new RecurrentLayer(cell, HiddenSize));
        parameters = new float[spec.Parameters.Length];
        if (cell == CellKind.Elman)
        {
            Span<float> recurrent = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters.AsSpan());
            for (int unit = 0; unit < HiddenSize; unit++)
            {
                recurrent[(unit * HiddenSize) + unit] = 0.5f;
            }
        }

        return new Network<float>(spec);
    }
}
