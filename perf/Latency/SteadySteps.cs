using System.Diagnostics;

namespace SpanRnn.Perf;

/// <summary>Steps of a stream that may never allocate or cause a collection.</summary>
internal static class SteadySteps
{
    private const int WarmUp = 100_000;

    private static readonly CellCase _case = new(CellCall.Step, CellKind.Lstm, 1, 16, 1, 1, WeightPrecision.Fp32);

    /// <summary>Counts bytes and collections over <paramref name="steps"/> steps.</summary>
    public static SteadyFigure Measure(int steps)
    {
        Action step = new CellProblem(_case).Own(_case.Precisions[0]).Run;
        Run(step, WarmUp);
        _ = GC.GetTotalAllocatedBytes(precise: true);
        int collections = GC.CollectionCount(0);
        long all = GC.GetTotalAllocatedBytes(precise: true);
        long own = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        Run(step, steps);
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        own = GC.GetAllocatedBytesForCurrentThread() - own;
        all = GC.GetTotalAllocatedBytes(precise: true) - all;
        return new SteadyFigure(_case.Name, steps, nanoseconds / steps, own, all, GC.CollectionCount(0) - collections);
    }

    private static void Run(Action step, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            step();
        }
    }
}
