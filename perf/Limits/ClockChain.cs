using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>Clock of the core while it works: additions and exclusive ors that wait for each other, one cycle each.</summary>
internal static class ClockChain
{
    private const int Loops = 1000;

    /// <summary>Cycles of one run.</summary>
    public const double Cycles = 16.0 * Loops;

    public static long Run() => Run(Loops, Environment.TickCount64, 0x5555555555555555);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static long Run(int loops, long a, long b)
    {
        long x = a;
        for (int loop = 0; loop < loops; loop++)
        {
            x = (x + a) ^ b;
            x = (x + a) ^ b;
            x = (x + a) ^ b;
            x = (x + a) ^ b;
            x = (x + a) ^ b;
            x = (x + a) ^ b;
            x = (x + a) ^ b;
            x = (x + a) ^ b;
        }

        return x;
    }
}
