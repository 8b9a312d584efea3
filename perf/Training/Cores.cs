using System.Diagnostics;
using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>
/// The processors that this process may use, and to which one of them the main thread keeps, so that it stays where its memory is warm.
/// Threads and processes that it starts keep to the same. Only Linux has it: elsewhere threads go where they like.
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

    /// <summary>How many there are.</summary>
    public int Count => _all == 0 ? Environment.ProcessorCount : BitOperations.PopCount((nuint)_all);

    /// <summary>Keeps to one of them; 0 is the last.</summary>
    public void Keep(int fromLast) => Set(FromLast(_all, fromLast));

    public void Dispose() => Set(_all);

    /// <summary>A bit of a mask by its place from the highest; the lowest where there are fewer.</summary>
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
