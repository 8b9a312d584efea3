using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// A block of C that is summed in registers: C ← A·B or C ← A·B + S for up to six rows of A and one panel of B or two adjacent ones, each
/// two registers wide.
/// </summary>
/// <remarks>
/// An element is summed in the order k = 0, 1, 2 …, starting from what stands in S, in every form below: its bits depend neither on
/// the tile that it falls into nor on how the sum is cut into blocks. Where another thread shares the core, the time of a tile is the
/// number of its instructions: the table in this project's README counts them.
/// </remarks>
internal ref struct Tile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows of the highest tile: twelve registers of sums with one panel, for 16 of them, and 24 with two, for 32.</summary>
    public const int Highest = 6;

    /// <summary>Element (0, 0) of A's rows.</summary>
    public ref T A;

    /// <summary>From a row of A to the next.</summary>
    public nint ARow;

    /// <summary>The first row of B's panel.</summary>
    public ref T B;

    /// <summary>From the panel to the next.</summary>
    public nint BPanel;

    /// <summary>Terms of each sum.</summary>
    public int Inner;

    /// <summary>Element (0, 0) of the block of C.</summary>
    public ref T C;

    /// <summary>From a row of C to the next.</summary>
    public nint CRow;

    /// <summary>From the columns of a panel to those of the next, in C and S.</summary>
    public nint CPanel;

    /// <summary>Whether the sums start from numbers and not from zero.</summary>
    public bool Add;

    /// <summary>Those numbers: element (0, 0) of a block like C, or C itself.</summary>
    public ref T S;

    /// <summary>From a row of them to the next.</summary>
    public nint SRow;

    /// <summary>A number that is fetched into the second cache meanwhile, as is the one <see cref="BPanel"/> behind it.</summary>
    public ref T Ahead;

    /// <summary>From one number that is fetched to the next, every second term.</summary>
    public nint AheadStep;

    /// <summary>
    /// Rows of the next tile where <paramref name="rows"/> are left: of seven or eight four first, so that no row is left alone, which
    /// takes as long as two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Height(int rows) => rows is > 8 or 6 ? 6 : rows > 6 ? 4 : rows;

    /// <summary>Computes <paramref name="rows"/> rows of C, a number that <see cref="Height"/> gave.</summary>
    /// <typeparam name="V">The register.</typeparam>
    /// <typeparam name="TLeft">From a column of A to the next: one, or twelve in a copy.</typeparam>
    /// <typeparam name="TPanels">Panels of B: one or two.</typeparam>
    /// <typeparam name="TAhead">Panels that are fetched ahead: two, or else one for none.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<V, TLeft, TPanels, TAhead>(int rows)
        where V : struct, ISimd<V, T>
        where TLeft : struct
        where TPanels : struct
        where TAhead : struct
    {
        switch (rows)
        {
            case 1:
                Run<V, Constant.One, TLeft, TPanels, TAhead>();
                break;
            case 2:
                Run<V, Constant.Two, TLeft, TPanels, TAhead>();
                break;
            case 3:
                Run<V, Constant.Three, TLeft, TPanels, TAhead>();
                break;
            case 4:
                Run<V, Constant.Four, TLeft, TPanels, TAhead>();
                break;
            case 5:
                Run<V, Constant.Five, TLeft, TPanels, TAhead>();
                break;
            default:
                Run<V, Constant.Six, TLeft, TPanels, TAhead>();
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run<V, TRows, TLeft, TPanels, TAhead>()
        where V : struct, ISimd<V, T>
        where TRows : struct
        where TLeft : struct
        where TPanels : struct
        where TAhead : struct
    {
        Sums<V> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        if (Add)
        {
            ref T from = ref S;
            nint stride = SRow, next = CPanel;
            s0.Load<TPanels>(ref from, next);
            if (Unsafe.SizeOf<TRows>() > 1)
            {
                from = ref Unsafe.Add(ref from, stride);
                s1.Load<TPanels>(ref from, next);
            }

            if (Unsafe.SizeOf<TRows>() > 2)
            {
                from = ref Unsafe.Add(ref from, stride);
                s2.Load<TPanels>(ref from, next);
            }

            if (Unsafe.SizeOf<TRows>() > 3)
            {
                from = ref Unsafe.Add(ref from, stride);
                s3.Load<TPanels>(ref from, next);
            }

            if (Unsafe.SizeOf<TRows>() > 4)
            {
                from = ref Unsafe.Add(ref from, stride);
                s4.Load<TPanels>(ref from, next);
            }

            if (Unsafe.SizeOf<TRows>() > 5)
            {
                from = ref Unsafe.Add(ref from, stride);
                s5.Load<TPanels>(ref from, next);
            }
        }

        // Strides in bytes, which an address takes as they are.
        nint row = ARow * Unsafe.SizeOf<T>(), panel = BPanel * Unsafe.SizeOf<T>(), aheadStep = AheadStep * Unsafe.SizeOf<T>();
        ref T a0 = ref A, a3 = ref Unsafe.AddByteOffset(ref a0, 3 * row), b = ref B, ahead = ref Ahead;

        // Four terms a turn: three additions, a count and a jump for all of them.
        for (int k = Inner / 4; k != 0; k--)
        {
            if (Unsafe.SizeOf<TAhead>() == 2)
            {
                Prefetch.Second(ref ahead);
                Prefetch.Second(ref Unsafe.AddByteOffset(ref ahead, panel));
                ahead = ref Unsafe.AddByteOffset(ref ahead, aheadStep);
                Prefetch.Second(ref ahead);
                Prefetch.Second(ref Unsafe.AddByteOffset(ref ahead, panel));
                ahead = ref Unsafe.AddByteOffset(ref ahead, aheadStep);
            }

            Term<V, TRows, TLeft, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 0);
            Term<V, TRows, TLeft, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 1);
            Term<V, TRows, TLeft, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 2);
            Term<V, TRows, TLeft, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 3);
            a0 = ref Unsafe.Add(ref a0, 4 * Unsafe.SizeOf<TLeft>());
            a3 = ref Unsafe.Add(ref a3, 4 * Unsafe.SizeOf<TLeft>());
            b = ref Unsafe.Add(ref b, 8 * V.Count);
        }

        for (int k = Inner % 4; k != 0; k--)
        {
            Term<V, TRows, TLeft, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 0);
            a0 = ref Unsafe.Add(ref a0, Unsafe.SizeOf<TLeft>());
            a3 = ref Unsafe.Add(ref a3, Unsafe.SizeOf<TLeft>());
            b = ref Unsafe.Add(ref b, 2 * V.Count);
        }

        ref T to = ref C;
        nint toRow = CRow, toNext = CPanel;
        s0.Store<TPanels>(ref to, toNext);
        if (Unsafe.SizeOf<TRows>() > 1)
        {
            to = ref Unsafe.Add(ref to, toRow);
            s1.Store<TPanels>(ref to, toNext);
        }

        if (Unsafe.SizeOf<TRows>() > 2)
        {
            to = ref Unsafe.Add(ref to, toRow);
            s2.Store<TPanels>(ref to, toNext);
        }

        if (Unsafe.SizeOf<TRows>() > 3)
        {
            to = ref Unsafe.Add(ref to, toRow);
            s3.Store<TPanels>(ref to, toNext);
        }

        if (Unsafe.SizeOf<TRows>() > 4)
        {
            to = ref Unsafe.Add(ref to, toRow);
            s4.Store<TPanels>(ref to, toNext);
        }

        if (Unsafe.SizeOf<TRows>() > 5)
        {
            to = ref Unsafe.Add(ref to, toRow);
            s5.Store<TPanels>(ref to, toNext);
        }
    }

    // Element k + term of each row of A by row k + term of B.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Term<V, TRows, TLeft, TPanels>(
        ref Sums<V> s0,
        ref Sums<V> s1,
        ref Sums<V> s2,
        ref Sums<V> s3,
        ref Sums<V> s4,
        ref Sums<V> s5,
        ref T a0,
        ref T a3,
        nint row,
        ref T b,
        nint panel,
        int term)
        where V : struct, ISimd<V, T>
    {
        int a = term * Unsafe.SizeOf<TLeft>();
        nuint first = (nuint)(2 * term * V.Count), second = (nuint)(((2 * term) + 1) * V.Count);
        V y0 = V.Load(in b, first), y1 = V.Load(in b, second), y2 = default, y3 = default;
        if (Unsafe.SizeOf<TPanels>() == 2)
        {
            y2 = V.Load(in Unsafe.AddByteOffset(ref b, panel), first);
            y3 = V.Load(in Unsafe.AddByteOffset(ref b, panel), second);
        }

        s0.Accumulate<TPanels>(V.Broadcast(Unsafe.Add(ref a0, a)), y0, y1, y2, y3);
        if (Unsafe.SizeOf<TRows>() > 1)
        {
            s1.Accumulate<TPanels>(V.Broadcast(Unsafe.Add(ref Unsafe.AddByteOffset(ref a0, row), a)), y0, y1, y2, y3);
        }

        if (Unsafe.SizeOf<TRows>() > 2)
        {
            s2.Accumulate<TPanels>(V.Broadcast(Unsafe.Add(ref Unsafe.AddByteOffset(ref a0, 2 * row), a)), y0, y1, y2, y3);
        }

        if (Unsafe.SizeOf<TRows>() > 3)
        {
            s3.Accumulate<TPanels>(V.Broadcast(Unsafe.Add(ref a3, a)), y0, y1, y2, y3);
        }

        if (Unsafe.SizeOf<TRows>() > 4)
        {
            s4.Accumulate<TPanels>(V.Broadcast(Unsafe.Add(ref Unsafe.AddByteOffset(ref a3, row), a)), y0, y1, y2, y3);
        }

        if (Unsafe.SizeOf<TRows>() > 5)
        {
            s5.Accumulate<TPanels>(V.Broadcast(Unsafe.Add(ref Unsafe.AddByteOffset(ref a3, 2 * row), a)), y0, y1, y2, y3);
        }
    }

    /// <summary>The sums of one row: two registers for each panel.</summary>
    private struct Sums<V>
        where V : struct, ISimd<V, T>
    {
        private V _0;
        private V _1;
        private V _2;
        private V _3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load<TPanels>(ref T from, nint panel)
        {
            _0 = V.Load(in from, 0);
            _1 = V.Load(in from, (nuint)V.Count);
            if (Unsafe.SizeOf<TPanels>() == 2)
            {
                _2 = V.Load(in Unsafe.Add(ref from, panel), 0);
                _3 = V.Load(in Unsafe.Add(ref from, panel), (nuint)V.Count);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Accumulate<TPanels>(V x, V y0, V y1, V y2, V y3)
        {
            V.Accumulate(ref _0, x, y0);
            V.Accumulate(ref _1, x, y1);
            if (Unsafe.SizeOf<TPanels>() == 2)
            {
                V.Accumulate(ref _2, x, y2);
                V.Accumulate(ref _3, x, y3);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store<TPanels>(ref T to, nint panel)
        {
            V.Store(_0, ref to, 0);
            V.Store(_1, ref to, (nuint)V.Count);
            if (Unsafe.SizeOf<TPanels>() == 2)
            {
                V.Store(_2, ref Unsafe.Add(ref to, panel), 0);
                V.Store(_3, ref Unsafe.Add(ref to, panel), (nuint)V.Count);
            }
        }
    }
}
