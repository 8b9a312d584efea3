using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// y ← x·B (+ y) for one row x. Sums stay in registers over the whole of x. B, in panels or with contiguous rows, is read once.
/// </summary>
/// <remarks>Each sum adds its terms in the order of <see cref="Tile{T}"/>, so a row has the same bits alone and in a batch.</remarks>
internal readonly ref struct VectorKernel<T, TFlush> : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TFlush : struct, IFlush
{
    private readonly ref T _x;
    private readonly nint _xStride;
    private readonly int _inner;
    private readonly ref T _b;
    private readonly nint _bStride;
    private readonly bool _packed;
    private readonly Span<T> _y;
    private readonly bool _add;
    private readonly bool _backwards;

    /// <summary>
    /// Multiplies by B in panels, a group of eight registers of columns at a time; the last group comes first if
    /// <paramref name="backwards"/>.
    /// </summary>
    public VectorKernel(MatrixView<T> x, Panels<T> b, Span<T> y, bool add, bool backwards)
    {
        _x = ref x.Origin;
        _xStride = x.ColumnStride;
        _inner = b.Rows;
        _b = ref b.Origin;
        _packed = true;
        _y = y;
        _add = add;
        _backwards = backwards;
    }

    /// <summary>Multiplies by B in place, with contiguous rows.</summary>
    public VectorKernel(MatrixView<T> x, MatrixView<T> b, Span<T> y, bool add)
    {
        _x = ref x.Origin;
        _xStride = x.ColumnStride;
        _inner = b.Rows;
        _b = ref b.Origin;
        _bStride = b.RowStride;
        _y = y;
        _add = add;
    }

    // Eight registers of sums are as many as two multiply-adds per cycle with a latency of four keep busy.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        nuint n = (nuint)V.Count;
        int eight = 8 * V.Count;
        int groups = _y.Length / eight;
        int rest = groups * eight;
        if (_backwards)
        {
            Rest<V>(rest);
        }

        nint stride = Stride<V>();
        nint panel = Panel<V>();
        nint xStride = _xStride;
        V least = TFlush.Least<V, T>();
        for (int group = 0; group < groups; group++)
        {
            int column = (_backwards ? groups - 1 - group : group) * eight;
            ref T y = ref Unsafe.Add(ref MemoryMarshal.GetReference(_y), column);
            V s0 = V.Constant(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            if (_add)
            {
                s0 = V.Load(in y, 0);
                s1 = V.Load(in y, n);
                s2 = V.Load(in y, 2 * n);
                s3 = V.Load(in y, 3 * n);
                s4 = V.Load(in y, 4 * n);
                s5 = V.Load(in y, 5 * n);
                s6 = V.Load(in y, 6 * n);
                s7 = V.Load(in y, 7 * n);
            }

            ref T x = ref _x;
            ref T b0 = ref At<V>(column);
            ref T b1 = ref Unsafe.Add(ref b0, panel);
            ref T b2 = ref Unsafe.Add(ref b1, panel);
            ref T b3 = ref Unsafe.Add(ref b2, panel);
            nuint i = 0;
            for (int k = _inner; k != 0; k--)
            {
                V z = TFlush.Read<V, T>(V.Broadcast(x), least);
                V.Accumulate(ref s0, in b0, i, z);
                V.Accumulate(ref s1, in b0, i + n, z);
                V.Accumulate(ref s2, in b1, i, z);
                V.Accumulate(ref s3, in b1, i + n, z);
                V.Accumulate(ref s4, in b2, i, z);
                V.Accumulate(ref s5, in b2, i + n, z);
                V.Accumulate(ref s6, in b3, i, z);
                V.Accumulate(ref s7, in b3, i + n, z);
                x = ref Unsafe.Add(ref x, xStride);
                i += (nuint)stride;
            }

            V.Store(s0, ref y, 0);
            V.Store(s1, ref y, n);
            V.Store(s2, ref y, 2 * n);
            V.Store(s3, ref y, 3 * n);
            V.Store(s4, ref y, 4 * n);
            V.Store(s5, ref y, 5 * n);
            V.Store(s6, ref y, 6 * n);
            V.Store(s7, ref y, 7 * n);
        }

        if (!_backwards)
        {
            Rest<V>(rest);
        }
    }

    // Sums the columns behind the groups of eight registers, from the first to the last in either direction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Rest<V>(int column)
        where V : struct, ISimd<V, T>
    {
        int remaining = _y.Length - column;
        if (remaining >= 4 * V.Count)
        {
            Four<V>(column);
            column += 4 * V.Count;
            remaining -= 4 * V.Count;
        }

        if (remaining > 0)
        {
            Tail<V>(column);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Four<V>(int column)
        where V : struct, ISimd<V, T>
    {
        nuint n = (nuint)V.Count;
        nint stride = Stride<V>();
        ref T y = ref Unsafe.Add(ref MemoryMarshal.GetReference(_y), column);
        V s0 = V.Constant(0), s1 = s0, s2 = s0, s3 = s0;
        if (_add)
        {
            s0 = V.Load(in y, 0);
            s1 = V.Load(in y, n);
            s2 = V.Load(in y, 2 * n);
            s3 = V.Load(in y, 3 * n);
        }

        ref T x = ref _x;
        ref T b0 = ref At<V>(column);
        ref T b1 = ref Unsafe.Add(ref b0, Panel<V>());
        nint xStride = _xStride;
        V least = TFlush.Least<V, T>();
        nuint i = 0;
        for (int k = _inner; k != 0; k--)
        {
            V z = TFlush.Read<V, T>(V.Broadcast(x), least);
            V.Accumulate(ref s0, in b0, i, z);
            V.Accumulate(ref s1, in b0, i + n, z);
            V.Accumulate(ref s2, in b1, i, z);
            V.Accumulate(ref s3, in b1, i + n, z);
            x = ref Unsafe.Add(ref x, xStride);
            i += (nuint)stride;
        }

        V.Store(s0, ref y, 0);
        V.Store(s1, ref y, n);
        V.Store(s2, ref y, 2 * n);
        V.Store(s3, ref y, 3 * n);
    }

    // Sums fewer than four registers one at a time. The rest of rows that are not packed is summed number by number, since they end there.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Tail<V>(int column)
        where V : struct, ISimd<V, T>
    {
        for (; column <= _y.Length - V.Count; column += V.Count)
        {
            ref T y = ref Unsafe.Add(ref MemoryMarshal.GetReference(_y), column);
            V.Store(One(ref At<V>(column), Stride<V>(), _add ? V.Load(in y, 0) : V.Constant(0)), ref y, 0);
        }

        if (_packed && column < _y.Length)
        {
            // Panels end with zeros, so a full register is summed, of which a part is stored to y.
            int count = _y.Length - column;
            ref T y = ref Unsafe.Add(ref MemoryMarshal.GetReference(_y), column);
            V.StoreMasked(One(ref At<V>(column), Stride<V>(), _add ? V.LoadMasked(in y, 0, count) : V.Constant(0)), ref y, 0, count);
            return;
        }

        for (; column < _y.Length; column++)
        {
            ref T y = ref _y[column];
            y = Simd1<T>.Sum(One(ref At<V>(column), Stride<V>(), Simd1<T>.Broadcast(_add ? y : T.Zero)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V One<V>(ref T b, nint stride, V sum)
        where V : struct, ISimd<V, T>
    {
        ref T x = ref _x;
        V least = TFlush.Least<V, T>();
        for (int k = _inner; k != 0; k--)
        {
            V.Accumulate(ref sum, in b, 0, TFlush.Read<V, T>(V.Broadcast(x), least));
            x = ref Unsafe.Add(ref x, _xStride);
            b = ref Unsafe.Add(ref b, stride);
        }

        return sum;
    }

    // Distance from a row of B to the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint Stride<V>()
        where V : struct, ISimd<V, T> => _packed ? 2 * V.Count : _bStride;

    // Distance from two registers of columns to the next two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint Panel<V>()
        where V : struct, ISimd<V, T> => _packed ? (nint)_inner * 2 * V.Count : 2 * V.Count;

    // First number of a column.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T At<V>(int column)
        where V : struct, ISimd<V, T>
    {
        if (!_packed)
        {
            return ref Unsafe.Add(ref _b, column);
        }

        int inside = column % (2 * V.Count);
        return ref Unsafe.Add(ref _b, ((nint)(column - inside) * _inner) + inside);
    }
}
