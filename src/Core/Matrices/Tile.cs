using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// Block of C that is summed in registers: C ← A·B or C ← A·B + S for up to six rows of A and one panel of B or two adjacent panels, each
/// two registers wide.
/// </summary>
/// <remarks>
/// Every form below sums an element in the order k = 0, 1, 2 …, starting from the number in S. The bits of an element therefore depend
/// neither on the tile that it falls into nor on how the sum is cut into blocks. Where another thread shares the core, the time of a tile
/// is the number of its instructions; the table in this project's README counts them.
/// </remarks>
internal ref struct Tile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Rows of the highest tile. Its sums take twelve of 16 registers with one panel, and 24 of 32 registers with two.
    /// </summary>
    public const int Highest = 6;

    /// <summary>Element (0, 0) of the rows of A.</summary>
    public ref T A;

    /// <summary>Distance from a row of A to the next.</summary>
    public nint ARow;

    /// <summary>First row of the panel of B.</summary>
    public ref T B;

    /// <summary>Distance from the panel to the next.</summary>
    public nint BPanel;

    /// <summary>Terms of each sum.</summary>
    public int Inner;

    /// <summary>Element (0, 0) of the block of C.</summary>
    public ref T C;

    /// <summary>Distance from a row of C to the next.</summary>
    public nint CRow;

    /// <summary>Distance from the columns of a panel to the columns of the next, in C and S.</summary>
    public nint CPanel;

    /// <summary>True if the sums start from <see cref="S"/>, false if they start from zero.</summary>
    public bool Add;

    /// <summary>Numbers that the sums start from: element (0, 0) of a block like C, or of C itself.</summary>
    public ref T S;

    /// <summary>Distance from a row of S to the next.</summary>
    public nint SRow;

    /// <summary>Number that is fetched into the second cache meanwhile, as is the number <see cref="BPanel"/> behind it.</summary>
    public ref T Ahead;

    /// <summary>Distance from one number that is fetched to the next, at every second term.</summary>
    public nint AheadStep;

    /// <summary>
    /// Height of the next tile where <paramref name="rows"/> rows remain. Of seven or eight rows it takes four, so that no single row
    /// remains: one row takes as long as two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Height(int rows) => rows is > 8 or 6 ? 6 : rows > 6 ? 4 : rows;

    /// <summary>Computes <paramref name="rows"/> rows of C, a number that <see cref="Height"/> returned.</summary>
    /// <typeparam name="V">The register.</typeparam>
    /// <typeparam name="TColumn">Distance from a column of A to the next: one, or twelve in a copy.</typeparam>
    /// <typeparam name="TPanels">Number of panels of B: one or two.</typeparam>
    /// <typeparam name="TAhead">Number of panels that are fetched ahead: two, or one where none is.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<V, TColumn, TPanels, TAhead>(int rows)
        where V : struct, ISimd<V, T>
        where TColumn : struct
        where TPanels : struct
        where TAhead : struct
    {
        switch (rows)
        {
            case 1:
                Run<V, Constant.One, TColumn, TPanels, TAhead>();
                break;
            case 2:
                Run<V, Constant.Two, TColumn, TPanels, TAhead>();
                break;
            case 3:
                Run<V, Constant.Three, TColumn, TPanels, TAhead>();
                break;
            case 4:
                Run<V, Constant.Four, TColumn, TPanels, TAhead>();
                break;
            case 5:
                Run<V, Constant.Five, TColumn, TPanels, TAhead>();
                break;
            default:
                Run<V, Constant.Six, TColumn, TPanels, TAhead>();
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Run<V, TRows, TColumn, TPanels, TAhead>()
        where V : struct, ISimd<V, T>
        where TRows : struct
        where TColumn : struct
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

        // Strides are in bytes, which an address takes without a multiplication.
        nint row = ARow * Unsafe.SizeOf<T>(), panel = BPanel * Unsafe.SizeOf<T>(), aheadStep = AheadStep * Unsafe.SizeOf<T>();
        ref T a0 = ref A, a3 = ref Unsafe.AddByteOffset(ref a0, 3 * row), b = ref B, ahead = ref Ahead;

        // Four terms a turn share three additions, a count and a jump.
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

            Term<V, TRows, TColumn, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 0);
            Term<V, TRows, TColumn, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 1);
            Term<V, TRows, TColumn, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 2);
            Term<V, TRows, TColumn, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 3);
            a0 = ref Unsafe.Add(ref a0, 4 * Unsafe.SizeOf<TColumn>());
            a3 = ref Unsafe.Add(ref a3, 4 * Unsafe.SizeOf<TColumn>());
            b = ref Unsafe.Add(ref b, 8 * V.Count);
        }

        for (int k = Inner % 4; k != 0; k--)
        {
            Term<V, TRows, TColumn, TPanels>(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref a0, ref a3, row, ref b, panel, 0);
            a0 = ref Unsafe.Add(ref a0, Unsafe.SizeOf<TColumn>());
            a3 = ref Unsafe.Add(ref a3, Unsafe.SizeOf<TColumn>());
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

    // Multiplies element k + term of each row of A by row k + term of B.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Term<V, TRows, TColumn, TPanels>(
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
        int a = term * Unsafe.SizeOf<TColumn>();
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

    /// <summary>Sums of one row: two registers for each panel.</summary>
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
