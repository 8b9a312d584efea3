using System.Numerics;

namespace SpanRnn.Core;

/// <summary>A buffer rented from a <see cref="BufferPool{T}"/> until it is disposed.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public readonly ref struct PooledBuffer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Stack<AlignedBuffer<T>> _owner;
    private readonly AlignedBuffer<T> _buffer;
    private readonly int _length;

    internal PooledBuffer(Stack<AlignedBuffer<T>> owner, AlignedBuffer<T> buffer, int length)
    {
        _owner = owner;
        _buffer = buffer;
        _length = length;
    }

    /// <summary>The numbers; undefined until written.</summary>
    public Span<T> Span => _buffer.Span[.._length];

    /// <summary>Gives the buffer back to its pool.</summary>
    public void Dispose() => _owner.Push(_buffer);
}
