using System.Diagnostics;
using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>
/// The processors that this process may use, and how many of them the calling thread keeps to: one for what runs on one thread, so that
/// it stays where its memory is warm. Threads and processes that it starts keep to the same.
/// </summary>
internal sealed class Cores : IDisposable
{
    private readonly nint _all;

    public Cores()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using var process = Process.GetCurrentProcess();
            _all = process.ProcessorAffinity;
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _all == 0 ? Environment.ProcessorCount : BitOperations.PopCount((nuint)_all);

    /// <summary>
    /// Keeps the main thread to the last <paramref name="count"/> of them, on Windows every thread; nothing where systems have no such
    /// thing.
    /// </summary>
    public void Use(int count)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            using var process = Process.GetCurrentProcess();
            process.ProcessorAffinity = Last(_all, count);
        }
    }

    public void Dispose() => Use(Count);

    /// <summary>The highest <paramref name="count"/> bits of a mask, all of it where it has fewer.</summary>
    public static nint Last(nint mask, int count)
    {
        while (BitOperations.PopCount((nuint)mask) > count)
        {
            mask &= mask - 1;
        }

        return mask;
    }
}
