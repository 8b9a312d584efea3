using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Aligned buffers that are used again: tapes and workspaces of training. A trainer rents here what it needs for one step only, so
/// trainers that share a pool take the memory of the largest of them, not of all.
/// </summary>
/// <remarks>
/// <para>Lends the shortest free buffer that is long enough. If there is none, a new one takes the place of the longest free one. So the
/// pool holds as many buffers as were ever rented at the same time, none longer than a length that was asked for, and allocates nothing
/// for lengths that it has lent together before, or shorter ones, in whatever order these are asked for.</para>
/// <para>Belongs to one thread at a time and takes no lock. In Debug builds rented memory is filled with NaN, so that a read of what was
/// not written shows in the result.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class BufferPool<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // The shortest first.
    private readonly List<AlignedBuffer<T>> _free = [];

    /// <summary>
    /// Rents a buffer of <paramref name="length"/> numbers with undefined content, given back by disposing it. Allocates only if no free
    /// buffer is long enough.
    /// </summary>
    /// <param name="length">How many numbers; 0 is legal.</param>
    /// <returns>The rented buffer; do not use its span after disposing it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public PooledBuffer<T> Rent(int length)
    {
        Guard.NotNegative(length);
        var rented = new PooledBuffer<T>(this, Take(length), length);
#if DEBUG
        rented.Span.Fill(T.NaN);
#endif
        return rented;
    }

    internal void Return(AlignedBuffer<T> buffer) => _free.Insert(PlaceOf(buffer.Length), buffer);

    private AlignedBuffer<T> Take(int length)
    {
        int place = PlaceOf(length);
        if (place < _free.Count)
        {
            AlignedBuffer<T> buffer = _free[place];
            _free.RemoveAt(place);
            return buffer;
        }

        // Dropped before the new one is made: a tape may be most of the memory there is.
        if (place > 0)
        {
            _free.RemoveAt(place - 1);
        }

        return new AlignedBuffer<T>(length);
    }

    // The first free buffer of this length or longer.
    private int PlaceOf(int length)
    {
        int place = 0;
        while (place < _free.Count && _free[place].Length < length)
        {
            place++;
        }

        return place;
    }
}
