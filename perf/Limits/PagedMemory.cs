using System.Globalization;
using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>Zeroed memory on a 2 MiB boundary, on huge pages or on ordinary ones if the system offers the choice.</summary>
internal sealed unsafe partial class PagedMemory : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14;
    private const int AdviseNoHugePages = 15;
    private const int ProtectReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;

    private readonly void* _mapping;
    private readonly nuint _mapped;

    public PagedMemory(long bytes, bool hugePages)
    {
        nuint rounded = ((nuint)bytes + HugePage - 1) & ~(HugePage - 1);
        if (OperatingSystem.IsLinux())
        {
            // A mapping of its own: pages that an allocator reuses exist already and would stay small.
            _mapped = rounded + HugePage;
            _mapping = Map(null, _mapped, ProtectReadWrite, MapPrivateAnonymous, -1, 0);
            if ((nint)_mapping == -1)
            {
                throw new PerfException($"The system refuses {bytes} bytes of memory.");
            }

            Pointer = (byte*)(((nuint)_mapping + HugePage - 1) & ~(HugePage - 1));
            _ = Advise(Pointer, rounded, hugePages ? AdviseHugePages : AdviseNoHugePages);
        }
        else
        {
            Pointer = (byte*)NativeMemory.AlignedAlloc(rounded, HugePage);
        }

        NativeMemory.Clear(Pointer, rounded);
        HugeBytes = OperatingSystem.IsLinux() ? HugeBytesAt((nuint)Pointer) : 0;
    }

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>Bytes on huge pages according to the system; 0 if it does not tell.</summary>
    public long HugeBytes { get; }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Unmap(_mapping, _mapped);
        }
        else
        {
            NativeMemory.AlignedFree(Pointer);
        }
    }

    // "7f00-7f80 rw-p ..." starts a mapping; "AnonHugePages:  2048 kB" belongs to the last one started. Advice may split a mapping.
    private static long HugeBytesAt(nuint address)
    {
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] range = words[0].Split('-');
            if (range.Length == 2)
            {
                inside = address >= Hexadecimal(range[0]) && address < Hexadecimal(range[1]);
            }
            else if (inside && words[0] == "AnonHugePages:")
            {
                return long.Parse(words[1], CultureInfo.InvariantCulture) << 10;
            }
        }

        return 0;
    }

    private static nuint Hexadecimal(string text) => nuint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
