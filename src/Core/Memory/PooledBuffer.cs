using System.Numerics;

namespace SpanRnn;

/// <summary>A buffer rented from a <see cref="BufferPool{T}"/> until it is disposed.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public readonly ref struct PooledBuffer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Stack<AlignedBuffer<T>> _owner;
    private readonly AlignedBuffer<T> _buffer;
    private readonly int _length;
    private readonly int _loan;

    internal PooledBuffer(Stack<AlignedBuffer<T>> owner, AlignedBuffer<T> buffer, int length)
    {
        _owner = owner;
        _buffer = buffer;
        _length = length;
        _loan = ++buffer.Loans;
    }

    /// <summary>The numbers; undefined until written. Not to be used once the buffer is given back.</summary>
    public Span<T> Span => _buffer.Span[.._length];

    /// <summary>Gives the buffer back to its pool; a second time does nothing.</summary>
    public void Dispose()
    {
        if (_buffer is not null && _buffer.Loans == _loan)
        {
            _buffer.Loans++;
            _owner.Push(_buffer);
        }
    }
}
