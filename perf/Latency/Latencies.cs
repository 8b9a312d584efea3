using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>Times every single call.</summary>
internal static class Latencies
{
    /// <summary>Times as many calls as <paramref name="ticks"/> has elements, and returns their ticks there in ascending order.</summary>
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
