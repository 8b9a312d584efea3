using System.Globalization;

namespace SpanRnn.Tests;

/// <summary>Training steps against the same steps written by hand, number by number.</summary>
[Trait("Category", "Simd")]
public class TrainerTests
{
    private const double Tolerance = 1e-12;

    private static readonly int[] _lengths = [4, 0, 7, 1, 7, 3, 0, 5, 2, 6];

    [Fact]
    public void Steps_are_those_written_by_hand()
    {
        foreach (SequenceProblem problem in Problems())
        {
            var options = new TrainerOptions(problem.Loss) { ClipNorm = 0.3, ClipValue = 0.1 };
            using Trainer<double> trainer = problem.Trainer<double>(options);
            var plain = new PlainLoop(problem, Adam(problem.Spec)) { ClipNorm = 0.3, ClipValue = 0.1 };
            var reader = new BatchReader<double>(problem.Data<double>(), 4);
            for (int epoch = 0; epoch < 2; epoch++)
            {
                foreach (int[] sequences in Enumerable.Range(0, problem.Lengths.Length).Chunk(4))
                {
                    double loss = trainer.Step(reader.Next()).Loss;
                    Near(plain.Step(sequences, 0, int.MaxValue, 0), loss, $"The loss of {problem}");
                    Near(plain.Gradients, trainer.Gradients, $"The gradients of {problem}");
                    Near(plain.Parameters, trainer.Parameters, $"The parameters of {problem}");
                }
            }
        }
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 6)]
    [InlineData(2, 6)]
    [InlineData(1, 2)]
    [InlineData(7, 14)]
    public void Chunks_are_those_written_by_hand(int chunk, int horizon)
    {
        int window = Math.Max(horizon, chunk);
        foreach (SequenceProblem problem in Problems().Where(problem => IsCuttable(problem.Spec)))
        {
            using Trainer<double> trainer = problem.Trainer<double>();
            var plain = new PlainLoop(problem, Adam(problem.Spec));
            var reader = new BatchReader<double>(problem.Data<double>(), 4) { Chunk = chunk, Horizon = horizon };
            foreach (int[] sequences in Enumerable.Range(0, problem.Lengths.Length).Chunk(4))
            {
                // Final states of the steps, by the step that they ended with.
                Dictionary<int, double[]> states = [];
                for (int newest = 0; newest < sequences.Max(sequence => problem.Lengths[sequence]); newest += chunk)
                {
                    int first = Math.Max(newest + chunk - window, 0);
                    double loss = trainer.Step(reader.Next()).Loss;
                    double expected = plain.Step(sequences, first, newest + chunk, newest, first == 0 ? null : states[first]);
                    states.Add(newest + chunk, plain.State);
                    Near(expected, loss, $"The loss of {problem}");
                    Near(plain.Gradients, trainer.Gradients, $"The gradients of {problem}");
                    Near(plain.Parameters, trainer.Parameters, $"The parameters of {problem}");
                }
            }

            Assert.Equal((1, 0), (reader.Epoch, reader.Position));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_horizon_over_the_whole_sequence_gives_the_gradient_of_the_whole(int chunk)
    {
        foreach (SequenceProblem problem in Problems().Where(problem => IsCuttable(problem.Spec) && problem.Weights is null))
        {
            SequenceData<double> data = problem.Data<double>();
            double[] whole = Sum(problem, new BatchReader<double>(data, _lengths.Length));
            double[] chunks = Sum(problem, new BatchReader<double>(data, _lengths.Length) { Chunk = chunk, Horizon = chunk * 4 });
            Near(whole, chunks, $"The gradients of {problem}");

            double[] truncated = Sum(problem, new BatchReader<double>(data, _lengths.Length) { Chunk = chunk });
            Assert.True(
                problem.Spec.StateSize == 0 || whole.Zip(truncated, (a, b) => Math.Abs(a - b)).Max() > 1e-6,
                $"A horizon of one chunk is no different for {problem}");
        }
    }

    [Fact]
    public void One_hot_symbols_are_one_hot_numbers_to_the_bit()
    {
        var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.GruResetAfter, 5), new DenseLayer(2));
        var problem = new SequenceProblem(spec, Loss.SoftmaxCrossEntropy, symbols: true, _lengths);
        var explicitData = new SequenceData<double>(spec, problem.Loss);
        for (int i = 0; i < _lengths.Length; i++)
        {
            explicitData.Add(
                [.. problem.Symbols[i].SelectMany(symbol => Enumerable.Range(0, 3).Select(k => k == symbol ? 1.0 : 0.0))],
                problem.Labels[i]);
        }

        using Trainer<double> ofSymbols = problem.Trainer<double>();
        using Trainer<double> ofNumbers = problem.Trainer<double>();
        Epochs.Train(ofSymbols, new BatchReader<double>(problem.Data<double>(), 3));
        Epochs.Train(ofNumbers, new BatchReader<double>(explicitData, 3));

        Assert.Equal(ofNumbers.Parameters.ToArray(), ofSymbols.Parameters.ToArray());
    }

    [Fact]
    public void Buffers_have_no_history()
    {
        foreach (SequenceProblem problem in Problems())
        {
            using Trainer<double> first = problem.Trainer<double>();
            using Trainer<double> second = problem.Trainer<double>();
            var larger = new SequenceProblem(problem.Spec, problem.Loss, problem.HasSymbols, [20, 20, 20, 20, 20, 20], seed: 2);
            BatchReader<double> reader = new(problem.Data<double>(), 4);

            second.Evaluate(new BatchReader<double>(larger.Data<double>(), 6).Next());
            StepReport expected = first.Step(reader.Next());
            StepReport got = second.Step(reader.Batch);

            Assert.Equal(expected, got);
            Assert.Equal(first.Outputs.ToArray(), second.Outputs.ToArray());
            Assert.Equal(first.Parameters.ToArray(), second.Parameters.ToArray());
        }
    }

    [Fact]
    public void Evaluation_changes_nothing()
    {
        foreach (SequenceProblem problem in Problems())
        {
            int chunk = IsCuttable(problem.Spec) ? 2 : 0;
            using Trainer<double> alone = problem.Trainer<double>();
            using Trainer<double> evaluated = problem.Trainer<double>();
            var reader = new BatchReader<double>(problem.Data<double>(), 4) { Chunk = chunk, Horizon = 2 * chunk };
            for (int step = 0; step < 6; step++)
            {
                Batch<double> batch = reader.Next();
                double loss = evaluated.Evaluate(batch);
                StepReport report = evaluated.Step(batch);
                double[] gradients = evaluated.Gradients.ToArray();
                evaluated.Evaluate(batch);

                Assert.Equal(loss, report.Loss);
                Assert.Equal(gradients, evaluated.Gradients.ToArray());
                Assert.Equal(alone.Step(batch), report);
                Assert.Equal(alone.Parameters.ToArray(), evaluated.Parameters.ToArray());
                Assert.Equal(alone.CarriedSteps, evaluated.CarriedSteps);
            }
        }
    }

    [Fact]
    public void A_batch_of_empty_sequences_has_no_loss_and_no_gradient_but_is_a_step()
    {
        foreach (SequenceProblem problem in Problems())
        {
            var optimizer = new Sgd<double>(problem.Spec.Parameters.Length) { LearningRate = 0.5, WeightDecay = 0.5 };
            using Trainer<double> trainer = problem.Trainer<double>(optimizer: optimizer);
            var empty = new SequenceProblem(problem.Spec, problem.Loss, problem.HasSymbols, [0, 0]);
            StepReport report = trainer.Step(new BatchReader<double>(empty.Data<double>(), 2).Next());

            Assert.Equal(new StepReport(0, 0, 0, 0, 0.5, 0, 0, 0), report);
            Assert.Equal(1, trainer.Steps);
            Assert.All(trainer.Gradients.ToArray(), gradient => Assert.Equal(0, gradient));
            Near([.. problem.Parameters.Select(value => value * 0.75)], trainer.Parameters, "Weight decay");
        }
    }

    [Fact]
    public void A_step_reports_what_it_did()
    {
        SequenceProblem problem = Problems().First();
        Batch<double> batch = new BatchReader<double>(problem.Data<double>(), 4).Next();
        using Trainer<double> free = problem.Trainer<double>();
        StepReport unclipped = free.Step(batch);
        double[] gradients = free.Gradients.ToArray();
        double norm = Math.Sqrt(gradients.Sum(gradient => gradient * gradient));
        double median = gradients.Select(Math.Abs).Where(gradient => gradient > 0).Order().ElementAt(gradients.Count(g => g != 0) / 2);
        double share = gradients.Count(gradient => Math.Abs(gradient) > median) / (double)problem.Spec.Parameters.Count;

        Assert.Equal((0, 0.02, 3, 12), (unclipped.Step, unclipped.LearningRate, unclipped.Sequences, unclipped.Rows));
        Near(norm, unclipped.GradientNorm, "The norm");
        Assert.Equal(0, unclipped.ClippedFraction);

        // Clipping does not change the reported norm; the norm is that of all numbers.
        using Trainer<double> byValue = problem.Trainer<double>(new TrainerOptions(problem.Loss) { ClipValue = median });
        Assert.Equal(unclipped with { ClippedFraction = share }, byValue.Step(batch));
        Assert.Equal(1, byValue.ClippedSteps);
        using Trainer<double> byNorm = problem.Trainer<double>(new TrainerOptions(problem.Loss) { ClipNorm = norm / 2, ClipValue = 1e3 });
        Assert.Equal(unclipped with { ClippedFraction = 1 }, byNorm.Step(batch));
        Near(norm / 2, Math.Sqrt(byNorm.Gradients.ToArray().Sum(gradient => gradient * gradient)), "The clipped norm", 1e-5);
        using Trainer<double> far = problem.Trainer<double>(new TrainerOptions(problem.Loss) { ClipNorm = norm * 2, ClipValue = 1e3 });
        Assert.Equal(unclipped, far.Step(batch));
        Assert.Equal(0, far.ClippedSteps);
    }

    [Fact]
    public void The_schedule_sets_the_learning_rate_of_the_trainers_step()
    {
        SequenceProblem problem = Problems().First();
        var schedule = LearningRateSchedule.Step(0.1, every: 2, factor: 0.5);
        using Trainer<double> trainer = problem.Trainer<double>(new TrainerOptions(problem.Loss) { Schedule = schedule });
        trainer.Steps = 3;
        var reader = new BatchReader<double>(problem.Data<double>(), 4);
        StepReport[] reports = Epochs.Train(trainer, reader);

        Assert.Equal([3, 4, 5], reports.Select(report => report.Step));
        Assert.Equal([0.05, 0.025, 0.025], reports.Select(report => report.LearningRate));
        Assert.Equal((1L, 0L), (reader.Epoch, reader.Position));
    }

    [Fact]
    public void Threads_do_not_change_a_bit_and_masks_are_of_seed_and_step_alone()
    {
        foreach (SequenceProblem problem in Problems().Where(problem => HasBothMasks(problem.Spec)))
        {
            var options = new TrainerOptions(problem.Loss) { Dropout = 0.3, RecurrentDropout = 0.2, Seed = 7 };
            double[] expected = Trained(options);

            Assert.Equal(expected, Trained(options with { Threads = 2 }));
            Assert.Equal(expected, Trained(options with { Threads = 7, MeasuresStepNorms = true }));
            Assert.NotEqual(expected, Trained(options with { Seed = 8 }));
            Assert.NotEqual(expected, Trained(options with { Dropout = 0 }));
            Assert.NotEqual(expected, Trained(options with { RecurrentDropout = 0 }));

            double[] Trained(TrainerOptions options)
            {
                using Trainer<double> trainer = problem.Trainer<double>(options);
                var reader = new BatchReader<double>(problem.Data<double>(), 4);
                Epochs.Train(trainer, reader);
                int norms = problem.Spec.Layers.Length * reader.Batch.Layout.Steps;
                Assert.Equal(options.MeasuresStepNorms ? norms : 0, trainer.StepNorms.Length);

                // Without masks, and without a trace.
                using Trainer<double> plain = problem.Trainer<double>();
                trainer.Parameters.CopyTo(plain.Parameters);
                Assert.Equal(plain.Evaluate(reader.Batch), trainer.Evaluate(reader.Batch));
                Epochs.Train(trainer, reader);
                return trainer.Parameters.ToArray();
            }
        }
    }

    /// <summary>Every loss, end of a chain, kind of input and direction, a stack, trained initial states.</summary>
    internal static IEnumerable<SequenceProblem> Problems()
    {
        RecurrentLayer[] layers =
        [
            new RecurrentLayer(CellKind.Lstm, 4),
            new RecurrentLayer(CellKind.GruResetAfter, 4) { Bidirectional = true },
            new RecurrentLayer(CellKind.GruResetBefore, 3) { TrainableInitialState = true },
            new RecurrentLayer(CellKind.Elman, 4),
        ];
        DenseLayer dense = new(4) { Activation = ActivationKind.Softplus };
        DenseLayer head = new(2);
        LayerSpec[] normalized =
        [
            new FinalStateLayer(),
            head with { Activation = ActivationKind.Tanh },
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
        ];
        yield return new(new NetworkSpec(3, [layers[0], .. normalized]), Loss.MeanSquaredError, symbols: false, _lengths);
        LayerSpec[][] ends =
        [
            [], [head], [new FinalStateLayer(), head], [new PoolLayer(Pooling.Mean), head], [new PoolLayer(Pooling.Maximum), head],
            [new AttentionLayer(), head],
        ];
        foreach (Loss loss in Enum.GetValues<Loss>())
        {
            foreach (LayerSpec[] end in ends)
            {
                foreach (RecurrentLayer layer in layers)
                {
                    yield return new(new NetworkSpec(3, [layer, .. end]), loss, symbols: false, _lengths);
                }

                if (end is [FinalStateLayer final, .. LayerSpec[] above])
                {
                    yield return new(new NetworkSpec(3, [dense, layers[0], final, dense, .. above]), loss, symbols: false, _lengths);
                }
                else
                {
                    // A chain ends in logits.
                    DenseLayer top = end.Length == 0 ? new DenseLayer(4) : dense;
                    yield return new(new NetworkSpec(3, [dense, layers[0], top, .. end]), loss, symbols: false, _lengths);
                    yield return new(new NetworkSpec(3, [top, .. end]), loss, symbols: false, _lengths);
                }

                RecurrentLayer reverse = layers[1] with { Bidirectional = false, Reverse = true };
                yield return new(new NetworkSpec(3, [reverse, .. end]), loss, symbols: false, _lengths);
                yield return new(new NetworkSpec(3, [layers[0], .. end]), loss, symbols: true, _lengths);
                yield return new(new NetworkSpec(3, [layers[0], .. end]), loss, symbols: false, _lengths, weighted: true);
                yield return new(new NetworkSpec(3, [layers[3], .. end]), loss, symbols: true, [5, 5, 5, 5, 5], weighted: true);
                LayerSpec[] around = [layers[2], new SkipLayer(0) { Scale = SkipScale.One }, layers[0], .. end];
                yield return new(new NetworkSpec(new EmbeddingSpec(5, 3), around), loss, symbols: true, _lengths);
            }
        }
    }

    internal static bool IsCuttable(NetworkSpec spec) =>
        !spec.IsManyToOne && Array.TrueForAll(spec.Layers.ToArray(), Variants.IsStreaming);

    // A layer with a mask of h′, and one with a mask of its input: neither the first with a matrix nor a dense one on top.
    private static bool HasBothMasks(NetworkSpec spec)
    {
        LayerSpec[] products = [.. spec.Layers.ToArray().Where(layer => layer is RecurrentLayer or DenseLayer)];
        return products.Any(layer => layer is RecurrentLayer) && products.Length > (products[^1] is DenseLayer ? 2 : 1);
    }

    private static Adam<double> Adam(NetworkSpec spec) => new(spec.Parameters.Length) { LearningRate = 0.02 };

    // Sum over the gradients of all batches of an epoch, each as often as it has counted steps, at constant parameters.
    private static double[] Sum(SequenceProblem problem, BatchReader<double> reader)
    {
        double[] sum = new double[problem.Spec.Parameters.Length];
        using Trainer<double> trainer = problem.Trainer<double>(optimizer: new Sgd<double>(sum.Length) { LearningRate = 0 });
        long batches = reader.BatchesPerEpoch;
        for (long i = 0; i < batches; i++)
        {
            Batch<double> batch = reader.Next();
            trainer.Step(batch);
            int counted = 0;
            for (int sequence = 0; sequence < batch.Layout.Batch; sequence++)
            {
                counted += Math.Max(batch.Layout.Length(sequence) - batch.FirstCounted, 0);
            }

            for (int k = 0; k < sum.Length; k++)
            {
                sum[k] += trainer.Gradients[k] * counted / _lengths.Sum();
            }
        }

        return sum;
    }

    private static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<double> got, string what)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Near(expected[i], got[i], what);
        }
    }

    private static void Near(double expected, double got, string what, double tolerance = Tolerance) => Assert.True(
        Math.Abs(got - expected) <= tolerance,
        string.Create(CultureInfo.InvariantCulture, $"{what} is {got:R}, expected {expected:R}."));
}
