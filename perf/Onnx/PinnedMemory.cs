using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>The numbers of a buffer as memory, which ONNX Runtime's C# API takes; the buffer is pinned already.</summary>
internal sealed unsafe class PinnedMemory<T>(AlignedBuffer<T> buffer) : MemoryManager<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override Span<T> GetSpan() => buffer.Span;

    public override MemoryHandle Pin(int elementIndex = 0) =>
        new(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetReference(buffer.Span), elementIndex)), pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
