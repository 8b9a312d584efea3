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

        // 65 to 128 share a size.
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
        Assert.Throws<ArgumentOutOfRangeException>(() => new BufferPool<float>().Rent((1 << 30) + 1).Span.Length);
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
