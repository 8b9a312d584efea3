using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Memory for <typeparamref name="T"/> that starts on a 64-byte boundary and never moves: the part of a pinned managed array behind the
/// boundary. There is nothing to dispose: the memory is freed after the last reference to it.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class AlignedBuffer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Bytes of a cache line and of the widest register.</summary>
    internal const int Alignment = 64;

    private readonly T[] _array;
    private readonly int _start;

    /// <summary>Allocates <paramref name="length"/> numbers, all zero, on the pinned heap.</summary>
    /// <param name="length">Number of elements; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public AlignedBuffer(int length)
    {
        Guard.Precision<T>();
        Guard.NotNegative(length);
        _array = GC.AllocateArray<T>(checked(length + (Alignment / Unsafe.SizeOf<T>())), pinned: true);
        _start = Start(_array, Alignment);
        Length = length;
    }

    /// <summary>Number of times that a pool lent the buffer or got it back, so that no loan is returned twice.</summary>
    internal int Loans { get; set; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>The numbers, [<see cref="Length"/>]. Allocates nothing.</summary>
    public Span<T> Span => _array.AsSpan(_start, Length);

    /// <summary>Index of the first number of a pinned array on a boundary of <paramref name="alignment"/> bytes.</summary>
    internal static int Start(T[] pinned, int alignment)
    {
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        return (int)((alignment - (address % alignment)) % alignment) / Unsafe.SizeOf<T>();
    }
}
