using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace SpanRnn.Perf;

/// <summary>Cost of one call: nanoseconds in several batches, and managed bytes.</summary>
/// <param name="Batches">Nanoseconds per call, batch by batch.</param>
/// <param name="Allocated">Managed bytes per call on the calling thread, the least of any batch.</param>
internal sealed record Timing(Batch[] Batches, double Allocated)
{
    /// <summary>Nanoseconds per call, median of the batches.</summary>
    [JsonIgnore]
    public double Median { get; } = StateMedians.Median(Batches.Select(batch => batch.Value));

    /// <summary>Nanoseconds per call of the fastest batch.</summary>
    [JsonIgnore]
    public double Minimum { get; } = Batches.Min(batch => batch.Value);

    // A method is compiled again after 30 calls. A warm-up of more than a second is long enough for loops to be replaced while they run.
    private const int WarmUpCalls = 64;
    private const double WarmUpMilliseconds = 20;
    private const double LongestWarmUpMilliseconds = 1000;
    private const double LongestWarmUpBatches = 250;

    /// <summary>Times one action.</summary>
    public static Timing Measure(Action action, double batchMilliseconds = 4, int batches = 11) =>
        Measure([action], batchMilliseconds, batches)[0];

    /// <summary>
    /// Times actions in turn, a batch of each, forth and back (A B B A), so that drift of the machine affects all of them alike. A batch is
    /// as many calls as last <paramref name="batchMilliseconds"/>, at least one, after one that is not counted. The issue rate of the core
    /// is measured before and after each batch.
    /// </summary>
    public static Timing[] Measure(ReadOnlySpan<Action> actions, double batchMilliseconds = 4, int batches = 11)
    {
        var bursts = new Burst[actions.Length];
        for (int i = 0; i < actions.Length; i++)
        {
            bursts[i] = Repeat(actions[i]);
        }

        return Measure(bursts, batchMilliseconds, batches);
    }

    /// <inheritdoc cref="Measure(ReadOnlySpan{Action}, double, int)"/>
    public static Timing[] Measure(ReadOnlySpan<Burst> actions, double batchMilliseconds, int batches)
    {
        Timing[] results = Measure(actions, batchMilliseconds, batches, IssueLoop.Measure);
        foreach (Timing timing in results)
        {
            IssueRates.OfThisRun.Add(timing.Batches);
        }

        return results;
    }

    /// <summary>Times actions with another measure of the issue rate, which is not added to <see cref="IssueRates.OfThisRun"/>.</summary>
    internal static Timing[] Measure(ReadOnlySpan<Burst> actions, double batchMilliseconds, int batches, Func<double> issueRate)
    {
        int[] calls = new int[actions.Length];
        var times = new Batch[actions.Length][];
        double[] allocated = new double[actions.Length];
        for (int i = 0; i < actions.Length; i++)
        {
            WarmUp(actions[i], Math.Min(LongestWarmUpMilliseconds, LongestWarmUpBatches * batchMilliseconds));
            calls[i] = Calibrate(actions[i], batchMilliseconds);
            times[i] = new Batch[batches];
            allocated[i] = double.PositiveInfinity;
        }

        // Compiled now, not before the first batch.
        _ = issueRate();
        for (int batch = 0; batch < batches; batch++)
        {
            for (int turn = 0; turn < actions.Length; turn++)
            {
                int i = batch % 2 == 0 ? turn : actions.Length - 1 - turn;
                _ = actions[i](1);
                double before = issueRate();
                long bytes = GC.GetAllocatedBytesForCurrentThread();
                double time = actions[i](calls[i]) / calls[i];
                allocated[i] = Math.Min(allocated[i], (double)(GC.GetAllocatedBytesForCurrentThread() - bytes) / calls[i]);
                double after = issueRate();
                times[i][batch] = new Batch(time, Math.Min(before, after), Math.Max(before, after));
            }
        }

        var results = new Timing[actions.Length];
        for (int i = 0; i < actions.Length; i++)
        {
            results[i] = new Timing(times[i], allocated[i]);
        }

        return results;
    }

    /// <summary>
    /// Time of <paramref name="other"/> over that of <paramref name="one"/>: the median over pairs of batches of the same turn.
    /// </summary>
    public static double Ratio(Timing other, Timing one) => StateMedians.Median(Ratios(other, one).Select(batch => batch.Value));

    /// <summary>Each batch of <paramref name="other"/> over that of <paramref name="one"/> in the same turn.</summary>
    public static IEnumerable<Batch> Ratios(Timing other, Timing one) =>
        other.Batches.Zip(one.Batches, (o, b) => o.With(b, o.Value / b.Value));

    /// <summary>Timing of the same batches, with a function applied to the nanoseconds of each.</summary>
    public Timing Select(Func<double, double> function) =>
        new([.. Batches.Select(batch => batch with { Value = function(batch.Value) })], 0);

    /// <summary>The medians over quiet and over shared batches.</summary>
    public StateMedians ByState(double bestRate) => StateMedians.Of(Batches, bestRate);

    /// <summary>Burst of an action, timed here.</summary>
    public static Burst Repeat(Action action) => calls => Time(action, calls);

    private static void WarmUp(Burst action, double longest)
    {
        long start = Stopwatch.GetTimestamp();
        for (int calls = 0, burst = 1; calls < WarmUpCalls || Milliseconds(start) < WarmUpMilliseconds; burst *= 2)
        {
            for (int i = 0; i < burst; i++, calls++)
            {
                _ = action(1);
                if (Milliseconds(start) > longest)
                {
                    return;
                }
            }

            // Pinned to one core, the compiling thread runs only while this one waits.
            Thread.Sleep(1);
        }
    }

    private static int Calibrate(Burst action, double batchMilliseconds)
    {
        for (int calls = 1; ; calls *= 2)
        {
            double milliseconds = action(calls) / 1e6;
            if (milliseconds >= batchMilliseconds / 4 || calls > int.MaxValue / 16)
            {
                return Math.Max(1, (int)(calls * batchMilliseconds / milliseconds));
            }
        }
    }

    // Optimized from its first call: it may be called too seldom to be compiled again.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Time(Action action, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static double Milliseconds(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
