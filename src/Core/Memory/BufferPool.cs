using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Aligned buffers that are used again: tapes and workspaces of a training loop. Lengths are rounded up to powers of two, so that
/// after the first batch of the largest shape nothing more is allocated.
/// </summary>
/// <remarks>
/// Belongs to one thread at a time; it takes no lock. In Debug builds rented memory is filled with NaN, so that whoever reads what he
/// has not written is found out.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class BufferPool<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Stack<AlignedBuffer<T>>[] _free = new Stack<AlignedBuffer<T>>[31];

    /// <summary>
    /// A buffer of <paramref name="length"/> numbers with undefined content, given back by disposing it. Allocates only when the pool
    /// holds none of that size.
    /// </summary>
    /// <param name="length">How many numbers; 0 is legal.</param>
    /// <returns>The rented buffer; do not use its span after disposing it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative or above 2³⁰.</exception>
    public PooledBuffer<T> Rent(int length)
    {
        Guard.NotNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 30);
        int bucket = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 1)));
        Stack<AlignedBuffer<T>> free = _free[bucket] ??= new Stack<AlignedBuffer<T>>();
        if (!free.TryPop(out AlignedBuffer<T>? buffer))
        {
            buffer = new AlignedBuffer<T>(1 << bucket);
        }

#if DEBUG
        buffer.Span.Fill(T.NaN);
#endif
        return new PooledBuffer<T>(free, buffer, length);
    }
}
