using System.Diagnostics;

namespace SpanRnn.Perf;

/// <summary>Times of the slowest steps of a stream, in a quiet process and beside a thread that allocates.</summary>
internal static class Percentiles
{
    private static readonly CellCase _case = new(CellCall.Step, CellKind.Lstm, 128, 128, 1, 1, WeightPrecision.Fp32);

    /// <summary>Times <paramref name="steps"/> steps in each of the two.</summary>
    public static PercentileFigure[] Measure(int steps)
    {
        Action step = new CellProblem(_case).Own(_case.Precisions[0]).Run;
        long[] ticks = new long[steps];
        _ = Latencies.Measure(step, new long[1000]);
        PercentileFigure quiet = Of("quiet", Latencies.Measure(step, ticks), 0, 0);
        using var allocator = new Allocator();
        _ = Latencies.Measure(step, ticks);
        return [quiet, Of("beside a thread that allocates", ticks, allocator.GigabytesPerSecond, allocator.Collections)];
    }

    /// <summary>Figures of times in ascending order.</summary>
    internal static PercentileFigure Of(string beside, long[] ticks, double gigabytes, int collections)
    {
        return new PercentileFigure(_case.Name, beside, ticks.Length, At(0.5), At(0.99), At(0.999), At(1), gigabytes, collections);

        // The least time that this part of all calls does not exceed.
        double At(double part) => 1e9 / Stopwatch.Frequency * ticks[Math.Max(0, (int)Math.Ceiling(part * ticks.Length) - 1)];
    }
}
