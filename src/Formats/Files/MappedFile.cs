using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace SpanRnn.Formats;

/// <summary>
/// A whole file as memory of the system's, of which only what is read takes room, and nothing of it the collector's: a model of 10 MB is
/// then loaded in its own size instead of twice that, and in less than half the time that reading it into an array and packing that
/// takes.
/// </summary>
/// <remarks>
/// <para>Unmapped when the collector finds it: whoever takes a span keeps the memory alive until it is done with it
/// (<see cref="GC.KeepAlive"/>).</para>
/// <para>As with every mapping, a file that another program shortens meanwhile ends this program: replace model files by renaming, as
/// <see cref="AtomicFiles"/> does. Windows lets nobody replace or delete a file while it is mapped, so nothing is mapped there.</para>
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

    // A finaliser, so that a model has nothing to dispose: the two places that take spans, the readers and ParameterSource, keep it alive.
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
        // Memory of the system's does not move.
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
