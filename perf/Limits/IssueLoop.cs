using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>Rate at which the core issues instructions: integer additions that do not wait for each other, all in registers.</summary>
/// <remarks>
/// The additions are written out, with a summand that the compiler does not know: it would turn two additions of a constant into one.
/// One run takes about 30 µs, which is long beside the clock's own time and short beside a batch.
/// </remarks>
internal static class IssueLoop
{
    private const int Loops = 10_000;

    // 40 additions; counting down and jumping back are one more each.
    private const double Instructions = 42.0 * Loops;

    /// <summary>Runs the loop once.</summary>
    /// <returns>Instructions per nanosecond.</returns>
    public static double Measure()
    {
        long start = Stopwatch.GetTimestamp();
        _ = Run(Loops, start);
        return Instructions / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static long Run(int loops, long step)
    {
        long s0 = 0;
        long s1 = 1;
        long s2 = 2;
        long s3 = 3;
        long s4 = 4;
        long s5 = 5;
        long s6 = 6;
        long s7 = 7;
        long s8 = 8;
        long s9 = 9;
        for (; loops != 0; loops--)
        {
            s0 += step;
            s1 += step;
            s2 += step;
            s3 += step;
            s4 += step;
            s5 += step;
            s6 += step;
            s7 += step;
            s8 += step;
            s9 += step;

            s0 += step;
            s1 += step;
            s2 += step;
            s3 += step;
            s4 += step;
            s5 += step;
            s6 += step;
            s7 += step;
            s8 += step;
            s9 += step;

            s0 += step;
            s1 += step;
            s2 += step;
            s3 += step;
            s4 += step;
            s5 += step;
            s6 += step;
            s7 += step;
            s8 += step;
            s9 += step;

            s0 += step;
            s1 += step;
            s2 += step;
            s3 += step;
            s4 += step;
            s5 += step;
            s6 += step;
            s7 += step;
            s8 += step;
            s9 += step;
        }

        return s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7 ^ s8 ^ s9;
    }
}
