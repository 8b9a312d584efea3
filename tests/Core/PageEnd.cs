using System.Runtime.InteropServices;

namespace SpanRnn.Tests;

/// <summary>Memory of Linux whose last number is followed by a page without access: a read or write there ends the process.</summary>
internal sealed unsafe partial class PageEnd : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nuint _bytes;
    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly byte* _memory;

    /// <summary>Allocates at least that many bytes.</summary>
    public PageEnd(int bytes)
    {
        _bytes = ((nuint)bytes + _page - 1) / _page * _page;
        _memory = Map(null, _bytes + _page, ReadWrite, PrivateAnonymous, -1, 0);
        if (_memory == (byte*)-1 || Protect(_memory + _bytes, _page, 0) != 0)
        {
            throw new InvalidOperationException($"The system gave no {_bytes} bytes with a page without access behind them.");
        }
    }

    /// <summary>The address of the page without access.</summary>
    public nuint End => (nuint)(_memory + _bytes);

    /// <summary>The last <paramref name="length"/> numbers.</summary>
    public Span<T> Last<T>(int length)
        where T : unmanaged => new Span<T>(_memory, (int)(_bytes / (nuint)sizeof(T)))[^length..];

    public void Dispose() => _ = Unmap(_memory, _bytes + _page);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
