using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Tests;

public class MemoryTests
{
    [Fact]
    public void Aligned_buffers_start_at_64_bytes_and_at_zero()
    {
        for (int n = 0; n <= 70; n++)
        {
            Aligned<float>(n);
            Aligned<double>(n);
        }
    }

    [Fact]
    public void An_aligned_buffer_never_moves()
    {
        var buffer = new AlignedBuffer<float>(100);
        nint before = Address<float>(buffer.Span);
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        Assert.Equal(before, Address<float>(buffer.Span));
    }

    [Fact]
    public void A_pool_gives_the_same_memory_again()
    {
        var pool = new BufferPool<float>();
        nint first;
        using (PooledBuffer<float> rented = pool.Rent(100))
        {
            Assert.Equal(100, rented.Span.Length);
            Assert.Equal(0, Address<float>(rented.Span) % 64);
            first = Address<float>(rented.Span);
        }

        // The first buffer is long enough for either, and only one of them gets it.
        using PooledBuffer<float> second = pool.Rent(70);
        using PooledBuffer<float> third = pool.Rent(70);
        Assert.Equal(70, second.Span.Length);
        Assert.Equal(first, Address<float>(second.Span));
        Assert.NotEqual(first, Address<float>(third.Span));
        Assert.False(second.Span.Overlaps(third.Span));
    }

    [Fact]
    public void Every_length_can_be_rented()
    {
        var pool = new BufferPool<double>();
        for (int n = 0; n <= 130; n++)
        {
            using PooledBuffer<double> rented = pool.Rent(n);
            Assert.Equal(n, rented.Span.Length);
            rented.Span.Fill(1);
        }
    }

    [Fact]
    public void After_the_first_round_a_pool_allocates_nothing()
    {
        var pool = new BufferPool<float>();
        Allocation.AssertNone(() =>
        {
            using PooledBuffer<float> first = pool.Rent(1000);
            using PooledBuffer<float> second = pool.Rent(900);
            second.Span[0] = first.Span.Length;
        });
    }

    [Fact]
    public void Lengths_lent_together_are_lent_again_in_any_order()
    {
        int[][] orders = [[2, 1, 0], [2, 0, 1], [1, 2, 0], [1, 0, 2], [0, 2, 1], [0, 1, 2]];
        foreach (int[] order in orders)
        {
            Assert.Equal(0, Bytes([1000, 30, 500], Ordered([400, 30, 999], order)));
            Assert.Equal(0, Bytes([0, 100, 100], Ordered([0, 0, 100], order)));
        }

        // The checker sees one number too many.
        Assert.InRange(Bytes([1000, 30, 500], [400, 31, 501]), 501 * sizeof(float), 600 * sizeof(float));
    }

    [Fact]
    public void A_pool_keeps_no_more_buffers_than_were_lent_together()
    {
        // 1000 takes the place of 500, so nothing is free beside it.
        var pool = new BufferPool<float>();
        pool.Rent(500).Dispose();
        pool.Rent(1000).Dispose();

        using PooledBuffer<float> first = pool.Rent(500);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using PooledBuffer<float> second = pool.Rent(500);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 500 * sizeof(float), 600 * sizeof(float));
    }

    [Fact]
    public void Rented_memory_is_NaN_in_Debug_builds_only()
    {
        var pool = new BufferPool<float>();
        using (PooledBuffer<float> rented = pool.Rent(64))
        {
            rented.Span.Fill(1);
        }

        using PooledBuffer<float> again = pool.Rent(64);
        bool debug = typeof(BufferPool<>).Assembly
            .GetCustomAttributes(typeof(DebuggableAttribute), inherit: false)
            .Cast<DebuggableAttribute>()
            .Any(attribute => attribute.IsJITOptimizerDisabled);
        foreach (float value in again.Span)
        {
            Assert.Equal(debug ? float.NaN : 1, value);
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer<float>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BufferPool<float>().Rent(-1).Span.Length);
    }

    /// <summary>Bytes that a pool allocates for the second lengths after it has lent the first ones together.</summary>
    private static long Bytes(int[] first, int[] second)
    {
        long smallest = long.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            var pool = new BufferPool<float>();
            Lend(pool, first);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Lend(pool, second);
            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return smallest;
    }

    private static int[] Ordered(int[] lengths, int[] order) => [.. order.Select(place => lengths[place])];

    private static void Lend(BufferPool<float> pool, ReadOnlySpan<int> lengths)
    {
        if (!lengths.IsEmpty)
        {
            using PooledBuffer<float> rented = pool.Rent(lengths[0]);
            Lend(pool, lengths[1..]);
        }
    }

    private static void Aligned<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var buffer = new AlignedBuffer<T>(n);
        Assert.Equal(n, buffer.Length);
        Assert.Equal(n, buffer.Span.Length);
        Assert.Equal(0, Address<T>(buffer.Span) % 64);
        Assert.False(buffer.Span.ContainsAnyExcept(T.Zero));
    }

    private static nint Address<T>(ReadOnlySpan<T> span) =>
        Unsafe.ByteOffset(ref Unsafe.NullRef<T>(), ref MemoryMarshal.GetReference(span));

    [Fact]
    public void A_buffer_given_back_twice_is_lent_once()
    {
        var pool = new BufferPool<float>();
        PooledBuffer<float> first = pool.Rent(16);
        first.Dispose();
        PooledBuffer<float> second = pool.Rent(16);
        first.Dispose();
        PooledBuffer<float> third = pool.Rent(16);

        Assert.False(second.Span.Overlaps(third.Span));
        default(PooledBuffer<float>).Dispose();
    }
}
