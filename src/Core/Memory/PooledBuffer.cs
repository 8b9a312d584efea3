using System.Numerics;

namespace SpanRnn;

/// <summary>A buffer rented from a <see cref="BufferPool{T}"/> until it is disposed.</summary>
/// <remarks>A buffer that is not disposed is lost to the pool, and collected when the last reference to it goes.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public readonly ref struct PooledBuffer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly BufferPool<T> _pool;
    private readonly AlignedBuffer<T> _buffer;
    private readonly int _length;
    private readonly int _loan;

    internal PooledBuffer(BufferPool<T> pool, AlignedBuffer<T> buffer, int length)
    {
        _pool = pool;
        _buffer = buffer;
        _length = length;
        _loan = ++buffer.Loans;
    }

    /// <summary>The numbers; undefined until written. Do not use them after the buffer is given back.</summary>
    public Span<T> Span => _buffer.Span[.._length];

    /// <summary>Gives the buffer back to its pool; a second time does nothing.</summary>
    public void Dispose()
    {
        if (_buffer is not null && _buffer.Loans == _loan)
        {
            _buffer.Loans++;
            _pool.Return(_buffer);
        }
    }
}
