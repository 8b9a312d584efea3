using System.Runtime.InteropServices;

namespace SpanRnn.Core.Memory;

/// <summary>
/// Asks the system to back memory with pages of 2 MiB. Weights that are read again and again then miss the page tables' cache so much less
/// often that a product of 2 MiB takes half the time. Where the system has no such pages or refuses, nothing changes.
/// </summary>
internal static class HugePages
{
    /// <summary>Bytes of a huge page, and of the boundary that it starts on.</summary>
    public const int Size = 2 << 20;

    // MADV_HUGEPAGE of Linux.
    private const int Advice = 14;

    /// <summary>
    /// Asks for huge pages for <paramref name="bytes"/> from <paramref name="address"/> on, which should not be written yet.
    /// </summary>
    public static void Ask(nint address, nint bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = MemoryAdvise(address, (nuint)bytes, Advice);
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            // This Linux has no such call: pages stay as they are.
        }
    }

    // All arguments are blittable, so that no code is generated for the call.
    [DllImport("libc", EntryPoint = "madvise", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MemoryAdvise(nint address, nuint length, int advice);
}
