using System.Diagnostics;
using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>
/// The processors that this process may use. The main thread keeps to one of them, so that it stays where its memory is warm; threads and
/// processes that it starts keep to the same. Only Linux offers this: elsewhere threads move freely.
/// </summary>
internal sealed class Cores : IDisposable
{
    private readonly nint _all;

    public Cores()
    {
        if (OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            _all = process.ProcessorAffinity;
        }
    }

    /// <summary>Number of processors.</summary>
    public int Count => _all == 0 ? Environment.ProcessorCount : BitOperations.PopCount((nuint)_all);

    /// <summary>Keeps this thread to one processor; 0 is the last.</summary>
    public void Keep(int fromLast) => Set(FromLast(_all, fromLast));

    public void Dispose() => Set(_all);

    /// <summary>Bit of a mask, counted from the highest; the lowest one if there are fewer.</summary>
    public static nint FromLast(nint mask, int fromLast)
    {
        while (BitOperations.PopCount((nuint)mask) > fromLast + 1)
        {
            mask &= mask - 1;
        }

        return mask & -mask;
    }

    private static void Set(nint mask)
    {
        if (OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            process.ProcessorAffinity = mask;
        }
    }
}
