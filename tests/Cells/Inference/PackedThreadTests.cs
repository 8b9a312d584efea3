namespace SpanRnn.Tests;

/// <summary>One network under many threads.</summary>
public class PackedThreadTests
{
    private const int Steps = 2000;

    public static TheoryData<WeightPrecision> Precisions() => [.. PackedProblems.Precisions];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Streams_on_many_threads_give_the_bits_of_one_after_the_other(WeightPrecision precision)
    {
        foreach (CellKind cell in Variants.Cells)
        {
            Problem problem = Make(cell);
            PackedNetwork network = PackedRun.Pack(problem, precision);
            const int Threads = 6;
            float[][] expected = [.. Enumerable.Range(0, Threads).Select(i => Stream(problem, network.CreateStream(), i))];
            float[][] actual = new float[Threads][];
            using var start = new Barrier(Threads);
            InThreads(Threads, i =>
            {
                StreamState state = network.CreateStream();
                start.SignalAndWait();
                actual[i] = Stream(problem, state, i);
            });
            for (int i = 0; i < Threads; i++)
            {
                Near.Same<float>($"{cell}, thread {i}", expected[i], actual[i]);
            }
        }
    }

    /// <summary>Forbidden use of one state harms that state alone: not the weights, not another stream that runs meanwhile.</summary>
    [Theory]
    [MemberData(nameof(Precisions))]
    public void Two_threads_on_one_state_harm_nothing_else(WeightPrecision precision)
    {
        foreach (CellKind cell in Variants.Cells)
        {
            Problem problem = Make(cell);
            PackedNetwork network = PackedRun.Pack(problem, precision);
            float[] expected = Stream(problem, network.CreateStream(), 7);
            StreamState shared = network.CreateStream();
            float[] beside = [];
            using var start = new Barrier(3);
            InThreads(3, i =>
            {
                start.SignalAndWait();
                if (i == 2)
                {
                    beside = Stream(problem, network.CreateStream(), 7);
                }
                else
                {
                    Stream(problem, shared, i);
                }
            });
            Near.Same<float>($"{cell}: a stream beside", expected, beside);
            Near.Same<float>($"{cell}: a stream afterwards", expected, Stream(problem, network.CreateStream(), 7));
            shared.Reset();
            Near.Same<float>($"{cell}: the state after a reset", expected, Stream(problem, shared, 7));
        }
    }

    private static void InThreads(int count, Action<int> body)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                body(i);
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

    // The outputs of every hundredth step and the final state.
    private static float[] Stream(Problem problem, StreamState state, int seed)
    {
        List<float> seen = [];
        float[] x = new float[problem.Spec.InputSize];
        float[] y = new float[problem.Spec.OutputSize];
        var random = new Random(seed);
        for (int t = 0; t < Steps; t++)
        {
            x[t % x.Length] = random.NextSingle();
            state.Step(x, y);
            if (t % 100 == 99)
            {
                seen.AddRange(y);
            }
        }

        return [.. seen, .. PackedRun.Values(state)];
    }

    private static Problem Make(CellKind cell) => new(new ProblemShape(
        13,
        [new RecurrentLayer(cell, 37), new RecurrentLayer(cell, 18), new DenseLayer(3)],
        1,
        [1],
        false,
        ProblemLoss.Linear,
        1));
}
