using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// C ← A·B (+ C) where rows of B and C are contiguous: registers lie along a row of C, each element of A is broadcast.
/// A may have any strides, so this is also the product with A transposed.
/// </summary>
internal readonly ref struct BroadcastKernel<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, bool add) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // So many rows of B are summed before C is touched: what the tiles of one column read again and again stays in the cache.
    private const int Block = 256;

    private readonly MatrixView<T> _a = a;
    private readonly MatrixView<T> _b = b;
    private readonly MatrixView<T> _c = c;
    private readonly bool _add = add;

    // The order of summation of one element is k = 0, 1, 2 … within a block, whatever tile it falls into: a row of a batch gives
    // the same bits alone and in company.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int inner = _a.Columns;
        for (int start = 0; start < inner || start == 0; start += Block)
        {
            int end = Math.Min(start + Block, inner);
            bool add = _add || start > 0;
            int j = 0;
            for (; j <= _c.Columns - (4 * V.Count); j += 4 * V.Count)
            {
                int i = 0;
                for (; i <= _c.Rows - 4; i += 4)
                {
                    Tile4x2<V>(i, j, start, end, add);
                    Tile4x2<V>(i, j + (2 * V.Count), start, end, add);
                }

                for (; i < _c.Rows; i++)
                {
                    Tile1x4<V>(i, j, start, end, add);
                }
            }

            for (; j <= _c.Columns - V.Count; j += V.Count)
            {
                Column<V>(j, start, end, add);
            }

            for (; j < _c.Columns; j++)
            {
                Column<Simd1<T>>(j, start, end, add);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Column<V>(int j, int start, int end, bool add)
        where V : struct, ISimd<V, T>
    {
        int i = 0;
        for (; i <= _c.Rows - 4; i += 4)
        {
            Tile4x1<V>(i, j, start, end, add);
        }

        for (; i < _c.Rows; i++)
        {
            Tile1x1<V>(i, j, start, end, add);
        }
    }

    // Eight sums: as many as two multiply-adds per cycle with a latency of four keep busy.
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private void Tile4x2<V>(int i, int j, int start, int end, bool add)
        where V : struct, ISimd<V, T>
    {
        V s00 = V.Broadcast(T.Zero), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
        ref T a0 = ref A(i, start);
        ref T a1 = ref A(i + 1, start);
        ref T a2 = ref A(i + 2, start);
        ref T a3 = ref A(i + 3, start);
        ref T b = ref B(start, j);
        nint left = 0, right = 0;
        for (int k = start; k < end; k++)
        {
            V b0 = V.Load(in b, (nuint)right);
            V b1 = V.Load(in b, (nuint)(right + V.Count));
            V x = V.Broadcast(Unsafe.Add(ref a0, left));
            s00 = V.MultiplyAdd(x, b0, s00);
            s01 = V.MultiplyAdd(x, b1, s01);
            x = V.Broadcast(Unsafe.Add(ref a1, left));
            s10 = V.MultiplyAdd(x, b0, s10);
            s11 = V.MultiplyAdd(x, b1, s11);
            x = V.Broadcast(Unsafe.Add(ref a2, left));
            s20 = V.MultiplyAdd(x, b0, s20);
            s21 = V.MultiplyAdd(x, b1, s21);
            x = V.Broadcast(Unsafe.Add(ref a3, left));
            s30 = V.MultiplyAdd(x, b0, s30);
            s31 = V.MultiplyAdd(x, b1, s31);
            left += _a.ColumnStride;
            right += _b.RowStride;
        }

        Store(s00, i, j, add);
        Store(s01, i, j + V.Count, add);
        Store(s10, i + 1, j, add);
        Store(s11, i + 1, j + V.Count, add);
        Store(s20, i + 2, j, add);
        Store(s21, i + 2, j + V.Count, add);
        Store(s30, i + 3, j, add);
        Store(s31, i + 3, j + V.Count, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tile1x4<V>(int i, int j, int start, int end, bool add)
        where V : struct, ISimd<V, T>
    {
        V s0 = V.Broadcast(T.Zero), s1 = s0, s2 = s0, s3 = s0;
        ref T a = ref A(i, start);
        ref T b = ref B(start, j);
        nint left = 0, right = 0;
        for (int k = start; k < end; k++)
        {
            V x = V.Broadcast(Unsafe.Add(ref a, left));
            s0 = V.MultiplyAdd(x, V.Load(in b, (nuint)right), s0);
            s1 = V.MultiplyAdd(x, V.Load(in b, (nuint)(right + V.Count)), s1);
            s2 = V.MultiplyAdd(x, V.Load(in b, (nuint)(right + (2 * V.Count))), s2);
            s3 = V.MultiplyAdd(x, V.Load(in b, (nuint)(right + (3 * V.Count))), s3);
            left += _a.ColumnStride;
            right += _b.RowStride;
        }

        Store(s0, i, j, add);
        Store(s1, i, j + V.Count, add);
        Store(s2, i, j + (2 * V.Count), add);
        Store(s3, i, j + (3 * V.Count), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tile4x1<V>(int i, int j, int start, int end, bool add)
        where V : struct, ISimd<V, T>
    {
        V s0 = V.Broadcast(T.Zero), s1 = s0, s2 = s0, s3 = s0;
        ref T a = ref A(i, start);
        ref T b = ref B(start, j);
        nint left = 0, right = 0;
        nint row = _a.RowStride;
        for (int k = start; k < end; k++)
        {
            V x = V.Load(in b, (nuint)right);
            s0 = V.MultiplyAdd(V.Broadcast(Unsafe.Add(ref a, left)), x, s0);
            s1 = V.MultiplyAdd(V.Broadcast(Unsafe.Add(ref a, left + row)), x, s1);
            s2 = V.MultiplyAdd(V.Broadcast(Unsafe.Add(ref a, left + (2 * row))), x, s2);
            s3 = V.MultiplyAdd(V.Broadcast(Unsafe.Add(ref a, left + (3 * row))), x, s3);
            left += _a.ColumnStride;
            right += _b.RowStride;
        }

        Store(s0, i, j, add);
        Store(s1, i + 1, j, add);
        Store(s2, i + 2, j, add);
        Store(s3, i + 3, j, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tile1x1<V>(int i, int j, int start, int end, bool add)
        where V : struct, ISimd<V, T>
    {
        V s = V.Broadcast(T.Zero);
        ref T a = ref A(i, start);
        ref T b = ref B(start, j);
        nint left = 0, right = 0;
        for (int k = start; k < end; k++)
        {
            s = V.MultiplyAdd(V.Broadcast(Unsafe.Add(ref a, left)), V.Load(in b, (nuint)right), s);
            left += _a.ColumnStride;
            right += _b.RowStride;
        }

        Store(s, i, j, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<V>(V sum, int i, int j, bool add)
        where V : struct, ISimd<V, T>
    {
        ref T c = ref Unsafe.Add(ref _c.Origin, ((nint)i * _c.RowStride) + j);
        V.Store(add ? V.Load(in c, 0) + sum : sum, ref c, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T A(int i, int k) => ref Unsafe.Add(ref _a.Origin, ((nint)i * _a.RowStride) + ((nint)k * _a.ColumnStride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T B(int k, int j) => ref Unsafe.Add(ref _b.Origin, ((nint)k * _b.RowStride) + j);
}
