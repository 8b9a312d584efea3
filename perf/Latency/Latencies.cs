using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>What every single call takes.</summary>
internal static class Latencies
{
    /// <summary>The ticks of as many calls as there is room for, in ascending order, in <paramref name="ticks"/> itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long[] Measure(Action call, long[] ticks)
    {
        long from = Stopwatch.GetTimestamp();
        for (int i = 0; i < ticks.Length; i++)
        {
            call();
            long to = Stopwatch.GetTimestamp();
            ticks[i] = to - from;
            from = to;
        }

        Array.Sort(ticks);
        return ticks;
    }
}
