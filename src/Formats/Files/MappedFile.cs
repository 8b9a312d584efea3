using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace SpanRnn.Formats.Files;

/// <summary>
/// A whole file mapped into memory. Only the pages that are read take memory, and none of it is the garbage collector's. A model of 10 MB
/// then loads in its own size instead of twice that, and in less than half the time of reading it into an array and packing it.
/// </summary>
/// <remarks>
/// <para>The garbage collector unmaps the file. Code that takes a span keeps the memory alive for as long as it uses the span
/// (<see cref="GC.KeepAlive"/>).</para>
/// <para>If another program shortens the mapped file, this program crashes, as with every mapping: replace model files by renaming, as
/// <see cref="AtomicFiles"/> does. Windows does not allow a mapped file to be replaced or deleted, so nothing is mapped there.</para>
/// </remarks>
internal sealed unsafe class MappedFile : MemoryManager<byte>
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _length;
    private byte* _start;

    /// <summary>Maps the first <paramref name="length"/> bytes of a file, at least one.</summary>
    public MappedFile(string path, int length)
    {
        _length = length;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    // With a finalizer a model has nothing to dispose. The readers and ParameterSource, the two places that take spans, keep the memory
    // alive.
#pragma warning disable CA2015
    ~MappedFile() => Dispose(disposing: false);
#pragma warning restore CA2015

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_start, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Mapped memory does not move.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
