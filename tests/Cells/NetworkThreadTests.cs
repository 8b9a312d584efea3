using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>The same bits for any number of threads: outputs, states, gradients, step norms, with and without dropout.</summary>
[Trait("Category", "Simd")]
public sealed class NetworkThreadTests : IDisposable
{
    private readonly WorkerPool[] _pools = [new(1), new(2), new(3), new(7)];

    public static TheoryData<string> Layers => [.. _layers.Keys];

    // Units that are no multiple of a register, of a tile or of each other.
    private static readonly Dictionary<string, RecurrentLayer> _layers = new()
    {
        ["Elman"] = new(CellKind.Elman, 37),
        ["Elman with ramps"] = new(CellKind.Elman, 37) { Activation = ActivationKind.Relu },
        ["LSTM"] = new(CellKind.Lstm, 37),
        ["LSTM projected"] = new(CellKind.Lstm, 37) { ProjectionSize = 11 },
        ["GRU reset after"] = new(CellKind.GruResetAfter, 37),
        ["GRU reset before"] = new(CellKind.GruResetBefore, 37),
        ["no biases"] = new(CellKind.GruResetAfter, 37) { Bias = false },
    };

    public void Dispose() => Array.ForEach(_pools, pool => pool.Dispose());

    [Theory]
    [MemberData(nameof(Layers))]
    public void Batches_of_any_size_give_the_same_bits(string kind)
    {
        RecurrentLayer layer = _layers[kind];
        foreach (int batch in new[] { 1, 5, 33 })
        {
            // Ragged, some of them empty.
            int[] ragged = [.. Enumerable.Range(0, batch).Select(b => batch == 1 ? 6 : b * 7 % 10 % 7)];
            int[] full = [.. ragged.Select(_ => 6)];
            foreach (int[] lengths in new[] { ragged, full })
            {
                HasTheSameBits(new ProblemShape(13, [layer, new DenseLayer(3)], 6, lengths, true, ProblemLoss.MeanSquaredError, 1));
                LayerSpec[] stack =
                [
                    layer with { Bidirectional = true },
                    layer with { HiddenSize = 19, Bidirectional = true },
                    new FinalStateLayer(),
                    new DenseLayer(3),
                ];
                var shape = new ProblemShape(13, stack, 6, lengths, true, ProblemLoss.SoftmaxCrossEntropy, 2);
                HasTheSameBits(shape with { Between = 0.2, Recurrent = 0.3 });
            }
        }
    }

    /// <summary>More rows than a product sums in one go, and units beyond a block of its columns.</summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void Large_sizes_give_the_same_bits(string kind)
    {
        int[] lengths = [.. Enumerable.Range(0, 29).Select(b => 11 - (b % 4))];
        RecurrentLayer layer = _layers[kind] with { HiddenSize = 131 };
        HasTheSameBits(new ProblemShape(67, [layer], 11, lengths, true, ProblemLoss.Linear, 3));
    }

    /// <summary>Poolings and skips over more rows and columns than a thread takes in one go.</summary>
    [Fact]
    public void Poolings_and_skips_give_the_same_bits()
    {
        int[] lengths = [.. Enumerable.Range(0, 61).Select(b => b * 7 % 12)];
        RecurrentLayer both = new(CellKind.Lstm, 67) { Bidirectional = true, ProjectionSize = 35 };
        LayerSpec[] poolings =
        [
            .. Enum.GetValues<Pooling>().Select(kind => new PoolLayer(kind)),
            .. Variants.WholeSequencePoolings,
            new FinalStateLayer { AllLayers = true, Cells = true },
        ];
        foreach (LayerSpec pooling in poolings)
        {
            foreach (SkipScale scale in Enum.GetValues<SkipScale>())
            {
                LayerSpec[] layers =
                [
                    both,
                    new SkipLayer(0) { Scale = scale, Features = 64 },
                    both,
                    pooling,
                    new PReluLayer(),
                    new SkipLayer(4) { Scale = scale },
                ];
                HasTheSameBits(new ProblemShape(67, layers, 11, lengths, true, ProblemLoss.MeanSquaredError, 4) { Between = 0.2 });
            }
        }
    }

    [Property(MaxTest = 100, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Random_networks_give_the_same_bits(Problem problem) => HasTheSameBits<double>(problem, _pools);

    [Property(MaxTest = 100, Arbitrary = [typeof(Problems.SmoothDropped)])]
    internal void Random_networks_with_dropout_give_the_same_bits(Problem problem) => HasTheSameBits<float>(problem, _pools);

    [Fact]
    public void Two_threads_share_a_network_and_its_pool()
    {
        foreach (WorkerPool pool in _pools)
        {
            var problem = new Problem(new ProblemShape(
                13,
                [
                    new RecurrentLayer(CellKind.Lstm, 37) { ProjectionSize = 11 },
                    new RecurrentLayer(CellKind.GruResetBefore, 18) { Bidirectional = true },
                    new DenseLayer(3),
                ],
                6,
                [6, 3, 0, 5, 6],
                true,
                ProblemLoss.MeanSquaredError,
                5));
            Outcome<float> expected = Train(problem.Run<float>(), problem);
            var network = new Network<float>(problem.Spec, pool);
            Exception? failure = null;
            Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                try
                {
                    for (int i = 0; i < 60; i++)
                    {
                        expected.AssertSame("beside another thread", Train(problem.Run<float>(network), problem));
                    }
                }
                catch (Exception e)
                {
                    failure = e;
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.Null(failure);
        }
    }

    [Fact]
    public void A_pool_that_is_gone_changes_no_bit()
    {
        var pool = new WorkerPool(3);
        var problem = new Problem(Problems.Large[2]);
        Outcome<double> expected = Train(problem.Run<double>(), problem);
        NetworkRun<double> run = problem.Run<double>(new Network<double>(problem.Spec, pool));
        pool.Dispose();
        expected.AssertSame("without its threads", Train(run, problem));
    }

    /// <summary>The checker is checked: a sum in one order for one thread and in another for two is caught.</summary>
    [Fact]
    public void Sums_that_depend_on_the_number_of_threads_are_caught()
    {
        float[] values = [.. Enumerable.Range(1, 1000).Select(i => 1f / i)];
        float[] one = [Sum(values, 1)];
        Near.Bits<float>("one thread", one, [Sum(values, 1)]);
        foreach (int threads in new[] { 2, 3, 7 })
        {
            float[] many = [Sum(values, threads)];
            Near.Rounded<float>("many threads", one, many);
            Assert.ThrowsAny<Exception>(() => Near.Bits<float>("many threads", one, many));
        }

        // A driver would be like this if it gave each thread its own rows of the batch and added their gradients.
        static float Sum(float[] values, int threads)
        {
            float sum = 0;
            for (int part = 0; part < threads; part++)
            {
                float partial = 0;
                for (int i = values.Length * part / threads; i < values.Length * (part + 1) / threads; i++)
                {
                    partial += values[i];
                }

                sum += partial;
            }

            return sum;
        }
    }

    [Fact]
    public void One_bit_anywhere_is_caught()
    {
        var problem = new Problem(Problems.Large[2]);
        Outcome<double> expected = Train(problem.Run<double>(), problem);
        Outcome<double> actual = Train(problem.Run<double>(), problem);
        expected.AssertSame("the same", actual);
        foreach (double[] values in new[] { actual.Y, actual.State, actual.Gradient, actual.StepNorms })
        {
            double kept = values[^1];
            values[^1] = Math.BitIncrement(kept);
            Assert.ThrowsAny<Exception>(() => expected.AssertSame("one bit", actual));
            values[^1] = kept;
        }

        Assert.ThrowsAny<Exception>(() => Near.Bits<double>("zeros", [0.0], [-0.0]));
        Near.Bits<double>("NaN", [double.NaN], [double.NaN]);
    }

    private void HasTheSameBits(ProblemShape shape)
    {
        var problem = new Problem(shape);
        HasTheSameBits<float>(problem, _pools);
        HasTheSameBits<double>(problem, _pools);
    }

    private static void HasTheSameBits<T>(Problem problem, WorkerPool[] pools)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Outcome<T> expected = Train(problem.Run<T>(), problem);
        foreach (WorkerPool pool in pools)
        {
            Outcome<T> actual = Train(problem.Run<T>(new Network<T>(problem.Spec, pool)), problem);
            expected.AssertSame($"{problem.Shape.Layers[0]}, batch {problem.Batch}, {pool.Threads} threads", actual);
        }
    }

    private static Outcome<T> Train<T>(NetworkRun<T> run, Problem problem)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        run.StepNorms = new double[problem.Spec.Layers.Length * problem.Shape.Steps];
        run.Forward();
        T[] state = [.. run.State];
        problem.Loss<T>(run.Y, run.State, run.DY, run.DState);
        run.Backward();
        return new Outcome<T>(run.Y, state, run.Gradient(), run.StepNorms);
    }

    private sealed record Outcome<T>(T[] Y, T[] State, T[] Gradient, double[] StepNorms)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void AssertSame(string what, Outcome<T> actual)
        {
            Near.Bits<T>("y, " + what, Y, actual.Y);
            Near.Bits<T>("final state, " + what, State, actual.State);
            Near.Bits<T>("gradient, " + what, Gradient, actual.Gradient);
            Near.Bits<double>("step norms, " + what, StepNorms, actual.StepNorms);
        }
    }
}
