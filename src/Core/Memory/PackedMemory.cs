using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Core.Memory;

/// <summary>
/// Memory for weights that are written once and then read again and again: a piece of a pinned managed array, so there is nothing to
/// dispose. From 256 KiB on it asks for huge pages. Pieces of less than 2 MiB share slabs of that size, so that networks too small for a
/// huge page of their own get one too. A slab is freed after the last of its pieces; the newest slab stays to be filled.
/// </summary>
internal readonly struct PackedMemory<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int SmallestHuge = 256 << 10;

    private static Slab? _shared;

    private readonly T[] _array;
    private readonly int _start;
    private readonly int _length;

    private PackedMemory(T[] array, int start, int length)
    {
        _array = array;
        _start = start;
        _length = length;
    }

    /// <summary>The numbers; undefined until written.</summary>
    public Span<T> Span => _array.AsSpan(_start, _length);

    /// <summary>The first number, without a check that there is one.</summary>
    public ref T Origin => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start);

    /// <summary>Part of the memory, which keeps all of it alive.</summary>
    public PackedMemory<T> Slice(int start, int length) => new(_array, _start + start, length);

    /// <summary>Allocates <paramref name="length"/> numbers on a 64-byte boundary with undefined content.</summary>
    public static PackedMemory<T> Allocate(int length)
    {
        long bytes = (long)length * Unsafe.SizeOf<T>();
        if (bytes < SmallestHuge)
        {
            T[] array = Aligned(length, AlignedBuffer<T>.Alignment, out int start);
            return new(array, start, length);
        }

        if (bytes >= HugePages.Size)
        {
            var own = new Slab(length);
            return new(own.Array, own.Take(length), length);
        }

        while (true)
        {
            Slab? slab = Volatile.Read(ref _shared);
            int start = slab is null ? -1 : slab.Take(length);
            if (start >= 0)
            {
                return new(slab!.Array, start, length);
            }

            // The slab is full: a new one replaces it, unless another thread was faster.
            Interlocked.CompareExchange(ref _shared, new Slab(HugePages.Size / Unsafe.SizeOf<T>()), slab);
        }
    }

    private static T[] Aligned(int length, int alignment, out int start)
    {
        T[] array = GC.AllocateUninitializedArray<T>(checked(length + (alignment / Unsafe.SizeOf<T>())), pinned: true);
        start = AlignedBuffer<T>.Start(array, alignment);
        return array;
    }

    /// <summary>Whole huge pages, handed out from their start to their end.</summary>
    private sealed class Slab
    {
        private readonly int _end;
        private int _next;

        public Slab(int length)
        {
            int page = HugePages.Size / Unsafe.SizeOf<T>();
            int rounded = checked((int)(((long)length + page - 1) / page * page));
            Array = Aligned(rounded, HugePages.Size, out _next);
            _end = _next + rounded;
            HugePages.Ask(Marshal.UnsafeAddrOfPinnedArrayElement(Array, _next), (nint)rounded * Unsafe.SizeOf<T>());
        }

        public T[] Array { get; }

        /// <summary>Index of the first of <paramref name="length"/> numbers, or −1 if there is no room for them.</summary>
        public int Take(int length)
        {
            int line = AlignedBuffer<T>.Alignment / Unsafe.SizeOf<T>();
            int taken = (length + line - 1) / line * line;
            while (true)
            {
                int next = Volatile.Read(ref _next);
                if (length > _end - next)
                {
                    return -1;
                }

                if (Interlocked.CompareExchange(ref _next, next + taken, next) == next)
                {
                    return next;
                }
            }
        }
    }
}
