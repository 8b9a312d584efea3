using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// A block of C that is summed in registers: C ← A·B or C ← A·B + S for a few rows of A and one panel of B, which is two registers
/// wide.
/// </summary>
/// <remarks>
/// An element is summed in the order k = 0, 1, 2 …, starting from what stands in S, in every form below: its bits depend neither on
/// the tile that it falls into nor on how the sum is cut into blocks. Inside, strides are in bytes, which an address takes as they are:
/// three instructions less per term, which shows where another thread shares the core.
/// </remarks>
internal ref struct Tile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Element (0, 0) of A's rows.</summary>
    public ref T A;

    /// <summary>From a row of A to the next.</summary>
    public nint ARow;

    /// <summary>From a column of A to the next.</summary>
    public nint AColumn;

    /// <summary>The first row of B's panel.</summary>
    public ref T B;

    /// <summary>From a row of the panel to the next.</summary>
    public nint BRow;

    /// <summary>Terms of each sum.</summary>
    public int Inner;

    /// <summary>Element (0, 0) of the block of C.</summary>
    public ref T C;

    /// <summary>From a row of C to the next.</summary>
    public nint CRow;

    /// <summary>Whether the sums start from numbers and not from zero.</summary>
    public bool Add;

    /// <summary>Those numbers: element (0, 0) of a block like C, or C itself.</summary>
    public ref T S;

    /// <summary>From a row of them to the next.</summary>
    public nint SRow;

    /// <summary>Rows of the highest tile: twelve need more registers than narrower instruction sets have.</summary>
    public static int Highest => Vector512.IsHardwareAccelerated ? 12 : 6;

    /// <summary>Rows of the next tile where <paramref name="rows"/> are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Height<V>(int rows)
        where V : struct, ISimd<V, T>
    {
        // Eight rows are four and four, not six and two.
        bool twelve = Vector512.IsHardwareAccelerated && V.Count * Unsafe.SizeOf<T>() == 64;
        return twelve && rows >= 12 ? 12 : rows >= 6 && rows != 8 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    }

    /// <summary>Computes <paramref name="rows"/> rows of C, a number that <see cref="Height{V}"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<V>(int rows)
        where V : struct, ISimd<V, T>
    {
        switch (rows)
        {
            case 1:
                Run1x2<V>();
                break;
            case 2:
                Run2x2<V>();
                break;
            case 4:
                Run4x2<V>();
                break;
            case 6:
                Run6x2<V>();
                break;
            default:
                Run12x2<V>();
                break;
        }
    }

    // A register of sums before the first term.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Start<V>(int row, int register)
        where V : struct, ISimd<V, T> =>
        Add ? V.Load(in S, (nuint)((row * SRow) + (register * V.Count))) : V.Broadcast(T.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void End<V>(V sum, int row, int register)
        where V : struct, ISimd<V, T> =>
        V.Store(sum, ref C, (nuint)((row * CRow) + (register * V.Count)));

    // One row.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run1x2<V>()
        where V : struct, ISimd<V, T>
    {
        ref T a0 = ref A;
        ref T b0 = ref B;
        V s00 = Start<V>(0, 0), s01 = Start<V>(0, 1);
        nint aColumn = AColumn * Unsafe.SizeOf<T>();
        nint bRow = BRow * Unsafe.SizeOf<T>();
        for (int k = Inner; k > 0; k--)
        {
            V x = V.Broadcast(a0);
            s00 = V.MultiplyAdd(in b0, 0, x, s00);
            s01 = V.MultiplyAdd(in b0, (nuint)V.Count, x, s01);
            a0 = ref Unsafe.AddByteOffset(ref a0, aColumn);
            b0 = ref Unsafe.AddByteOffset(ref b0, bRow);
        }

        End(s00, 0, 0);
        End(s01, 0, 1);
    }

    // Two rows.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run2x2<V>()
        where V : struct, ISimd<V, T>
    {
        nint row = ARow * Unsafe.SizeOf<T>();
        ref T a0 = ref A;
        ref T b0 = ref B;
        V s00 = Start<V>(0, 0), s01 = Start<V>(0, 1);
        V s10 = Start<V>(1, 0), s11 = Start<V>(1, 1);
        nint aColumn = AColumn * Unsafe.SizeOf<T>();
        nint bRow = BRow * Unsafe.SizeOf<T>();
        for (int k = Inner; k > 0; k--)
        {
            V y0 = V.Load(in b0, 0);
            V y1 = V.Load(in b0, (nuint)V.Count);
            V x = V.Broadcast(a0);
            s00 = V.MultiplyAdd(x, y0, s00);
            s01 = V.MultiplyAdd(x, y1, s01);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, row));
            s10 = V.MultiplyAdd(x, y0, s10);
            s11 = V.MultiplyAdd(x, y1, s11);
            a0 = ref Unsafe.AddByteOffset(ref a0, aColumn);
            b0 = ref Unsafe.AddByteOffset(ref b0, bRow);
        }

        End(s00, 0, 0);
        End(s01, 0, 1);
        End(s10, 1, 0);
        End(s11, 1, 1);
    }

    // Eight sums.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run4x2<V>()
        where V : struct, ISimd<V, T>
    {
        nint row = ARow * Unsafe.SizeOf<T>();
        ref T a0 = ref A;
        ref T a3 = ref Unsafe.AddByteOffset(ref A, 3 * row);
        ref T b0 = ref B;
        V s00 = Start<V>(0, 0), s01 = Start<V>(0, 1);
        V s10 = Start<V>(1, 0), s11 = Start<V>(1, 1);
        V s20 = Start<V>(2, 0), s21 = Start<V>(2, 1);
        V s30 = Start<V>(3, 0), s31 = Start<V>(3, 1);
        nint aColumn = AColumn * Unsafe.SizeOf<T>();
        nint bRow = BRow * Unsafe.SizeOf<T>();
        for (int k = Inner; k > 0; k--)
        {
            V y0 = V.Load(in b0, 0);
            V y1 = V.Load(in b0, (nuint)V.Count);
            V x = V.Broadcast(a0);
            s00 = V.MultiplyAdd(x, y0, s00);
            s01 = V.MultiplyAdd(x, y1, s01);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, row));
            s10 = V.MultiplyAdd(x, y0, s10);
            s11 = V.MultiplyAdd(x, y1, s11);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, 2 * row));
            s20 = V.MultiplyAdd(x, y0, s20);
            s21 = V.MultiplyAdd(x, y1, s21);
            x = V.Broadcast(a3);
            s30 = V.MultiplyAdd(x, y0, s30);
            s31 = V.MultiplyAdd(x, y1, s31);
            a0 = ref Unsafe.AddByteOffset(ref a0, aColumn);
            a3 = ref Unsafe.AddByteOffset(ref a3, aColumn);
            b0 = ref Unsafe.AddByteOffset(ref b0, bRow);
        }

        End(s00, 0, 0);
        End(s01, 0, 1);
        End(s10, 1, 0);
        End(s11, 1, 1);
        End(s20, 2, 0);
        End(s21, 2, 1);
        End(s30, 3, 0);
        End(s31, 3, 1);
    }

    // Twelve sums, two registers of B and one of A: fifteen of sixteen registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run6x2<V>()
        where V : struct, ISimd<V, T>
    {
        nint row = ARow * Unsafe.SizeOf<T>();
        ref T a0 = ref A;
        ref T a3 = ref Unsafe.AddByteOffset(ref A, 3 * row);
        ref T b0 = ref B;
        V s00 = Start<V>(0, 0), s01 = Start<V>(0, 1);
        V s10 = Start<V>(1, 0), s11 = Start<V>(1, 1);
        V s20 = Start<V>(2, 0), s21 = Start<V>(2, 1);
        V s30 = Start<V>(3, 0), s31 = Start<V>(3, 1);
        V s40 = Start<V>(4, 0), s41 = Start<V>(4, 1);
        V s50 = Start<V>(5, 0), s51 = Start<V>(5, 1);
        nint aColumn = AColumn * Unsafe.SizeOf<T>();
        nint bRow = BRow * Unsafe.SizeOf<T>();
        for (int k = Inner; k > 0; k--)
        {
            V y0 = V.Load(in b0, 0);
            V y1 = V.Load(in b0, (nuint)V.Count);
            V x = V.Broadcast(a0);
            s00 = V.MultiplyAdd(x, y0, s00);
            s01 = V.MultiplyAdd(x, y1, s01);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, row));
            s10 = V.MultiplyAdd(x, y0, s10);
            s11 = V.MultiplyAdd(x, y1, s11);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, 2 * row));
            s20 = V.MultiplyAdd(x, y0, s20);
            s21 = V.MultiplyAdd(x, y1, s21);
            x = V.Broadcast(a3);
            s30 = V.MultiplyAdd(x, y0, s30);
            s31 = V.MultiplyAdd(x, y1, s31);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a3, row));
            s40 = V.MultiplyAdd(x, y0, s40);
            s41 = V.MultiplyAdd(x, y1, s41);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a3, 2 * row));
            s50 = V.MultiplyAdd(x, y0, s50);
            s51 = V.MultiplyAdd(x, y1, s51);
            a0 = ref Unsafe.AddByteOffset(ref a0, aColumn);
            a3 = ref Unsafe.AddByteOffset(ref a3, aColumn);
            b0 = ref Unsafe.AddByteOffset(ref b0, bRow);
        }

        End(s00, 0, 0);
        End(s01, 0, 1);
        End(s10, 1, 0);
        End(s11, 1, 1);
        End(s20, 2, 0);
        End(s21, 2, 1);
        End(s30, 3, 0);
        End(s31, 3, 1);
        End(s40, 4, 0);
        End(s41, 4, 1);
        End(s50, 5, 0);
        End(s51, 5, 1);
    }

    // For processors with 32 registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run12x2<V>()
        where V : struct, ISimd<V, T>
    {
        nint row = ARow * Unsafe.SizeOf<T>();
        ref T a0 = ref A;
        ref T a3 = ref Unsafe.AddByteOffset(ref A, 3 * row);
        ref T a6 = ref Unsafe.AddByteOffset(ref A, 6 * row);
        ref T a9 = ref Unsafe.AddByteOffset(ref A, 9 * row);
        ref T b0 = ref B;
        V s00 = Start<V>(0, 0), s01 = Start<V>(0, 1);
        V s10 = Start<V>(1, 0), s11 = Start<V>(1, 1);
        V s20 = Start<V>(2, 0), s21 = Start<V>(2, 1);
        V s30 = Start<V>(3, 0), s31 = Start<V>(3, 1);
        V s40 = Start<V>(4, 0), s41 = Start<V>(4, 1);
        V s50 = Start<V>(5, 0), s51 = Start<V>(5, 1);
        V s60 = Start<V>(6, 0), s61 = Start<V>(6, 1);
        V s70 = Start<V>(7, 0), s71 = Start<V>(7, 1);
        V s80 = Start<V>(8, 0), s81 = Start<V>(8, 1);
        V s90 = Start<V>(9, 0), s91 = Start<V>(9, 1);
        V sa0 = Start<V>(10, 0), sa1 = Start<V>(10, 1);
        V sb0 = Start<V>(11, 0), sb1 = Start<V>(11, 1);
        nint aColumn = AColumn * Unsafe.SizeOf<T>();
        nint bRow = BRow * Unsafe.SizeOf<T>();
        for (int k = Inner; k > 0; k--)
        {
            V y0 = V.Load(in b0, 0);
            V y1 = V.Load(in b0, (nuint)V.Count);
            V x = V.Broadcast(a0);
            s00 = V.MultiplyAdd(x, y0, s00);
            s01 = V.MultiplyAdd(x, y1, s01);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, row));
            s10 = V.MultiplyAdd(x, y0, s10);
            s11 = V.MultiplyAdd(x, y1, s11);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a0, 2 * row));
            s20 = V.MultiplyAdd(x, y0, s20);
            s21 = V.MultiplyAdd(x, y1, s21);
            x = V.Broadcast(a3);
            s30 = V.MultiplyAdd(x, y0, s30);
            s31 = V.MultiplyAdd(x, y1, s31);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a3, row));
            s40 = V.MultiplyAdd(x, y0, s40);
            s41 = V.MultiplyAdd(x, y1, s41);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a3, 2 * row));
            s50 = V.MultiplyAdd(x, y0, s50);
            s51 = V.MultiplyAdd(x, y1, s51);
            x = V.Broadcast(a6);
            s60 = V.MultiplyAdd(x, y0, s60);
            s61 = V.MultiplyAdd(x, y1, s61);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a6, row));
            s70 = V.MultiplyAdd(x, y0, s70);
            s71 = V.MultiplyAdd(x, y1, s71);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a6, 2 * row));
            s80 = V.MultiplyAdd(x, y0, s80);
            s81 = V.MultiplyAdd(x, y1, s81);
            x = V.Broadcast(a9);
            s90 = V.MultiplyAdd(x, y0, s90);
            s91 = V.MultiplyAdd(x, y1, s91);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a9, row));
            sa0 = V.MultiplyAdd(x, y0, sa0);
            sa1 = V.MultiplyAdd(x, y1, sa1);
            x = V.Broadcast(Unsafe.AddByteOffset(ref a9, 2 * row));
            sb0 = V.MultiplyAdd(x, y0, sb0);
            sb1 = V.MultiplyAdd(x, y1, sb1);
            a0 = ref Unsafe.AddByteOffset(ref a0, aColumn);
            a3 = ref Unsafe.AddByteOffset(ref a3, aColumn);
            a6 = ref Unsafe.AddByteOffset(ref a6, aColumn);
            a9 = ref Unsafe.AddByteOffset(ref a9, aColumn);
            b0 = ref Unsafe.AddByteOffset(ref b0, bRow);
        }

        End(s00, 0, 0);
        End(s01, 0, 1);
        End(s10, 1, 0);
        End(s11, 1, 1);
        End(s20, 2, 0);
        End(s21, 2, 1);
        End(s30, 3, 0);
        End(s31, 3, 1);
        End(s40, 4, 0);
        End(s41, 4, 1);
        End(s50, 5, 0);
        End(s51, 5, 1);
        End(s60, 6, 0);
        End(s61, 6, 1);
        End(s70, 7, 0);
        End(s71, 7, 1);
        End(s80, 8, 0);
        End(s81, 8, 1);
        End(s90, 9, 0);
        End(s91, 9, 1);
        End(sa0, 10, 0);
        End(sa1, 10, 1);
        End(sb0, 11, 0);
        End(sb1, 11, 1);
    }
}
