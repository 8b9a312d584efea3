using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// C ← A·B (+ C) where rows of A and columns of B are contiguous, as in a product with the transpose of a row-major matrix.
/// Every element of C is a dot product, and registers lie along the sum.
/// </summary>
internal readonly ref struct DotKernel<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, bool add) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly MatrixView<T> _a = a;
    private readonly MatrixView<T> _b = b;
    private readonly MatrixView<T> _c = c;
    private readonly bool _add = add;

    // The order of summation depends only on the length and the width, never on alignment or on the row.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int inner = _a.Columns;
        nint stride = _b.ColumnStride;
        for (int i = 0; i < _c.Rows; i++)
        {
            ref T a = ref Unsafe.Add(ref _a.Origin, (nint)i * _a.RowStride);
            ref T c = ref Unsafe.Add(ref _c.Origin, (nint)i * _c.RowStride);
            int j = 0;
            for (; j <= _c.Columns - 4; j += 4)
            {
                ref T b0 = ref Unsafe.Add(ref _b.Origin, j * stride);
                ref T b1 = ref Unsafe.Add(ref b0, stride);
                ref T b2 = ref Unsafe.Add(ref b1, stride);
                ref T b3 = ref Unsafe.Add(ref b2, stride);
                V s0 = V.Broadcast(T.Zero), s1 = s0, s2 = s0, s3 = s0;
                int k = 0;

                // Loads are separate: as operands of the multiply-adds they took 6 % longer with 256 bits, 2 % with 512, on a Xeon.
                for (; k <= inner - V.Count; k += V.Count)
                {
                    V x = V.Load(in a, (nuint)k);
                    V.Accumulate(ref s0, x, V.Load(in b0, (nuint)k));
                    V.Accumulate(ref s1, x, V.Load(in b1, (nuint)k));
                    V.Accumulate(ref s2, x, V.Load(in b2, (nuint)k));
                    V.Accumulate(ref s3, x, V.Load(in b3, (nuint)k));
                }

                T d0 = V.Sum(s0), d1 = V.Sum(s1), d2 = V.Sum(s2), d3 = V.Sum(s3);
                for (; k < inner; k++)
                {
                    T x = Unsafe.Add(ref a, k);
                    d0 = T.MultiplyAddEstimate(x, Unsafe.Add(ref b0, k), d0);
                    d1 = T.MultiplyAddEstimate(x, Unsafe.Add(ref b1, k), d1);
                    d2 = T.MultiplyAddEstimate(x, Unsafe.Add(ref b2, k), d2);
                    d3 = T.MultiplyAddEstimate(x, Unsafe.Add(ref b3, k), d3);
                }

                Store(ref Unsafe.Add(ref c, j), d0);
                Store(ref Unsafe.Add(ref c, j + 1), d1);
                Store(ref Unsafe.Add(ref c, j + 2), d2);
                Store(ref Unsafe.Add(ref c, j + 3), d3);
            }

            for (; j < _c.Columns; j++)
            {
                ref T b = ref Unsafe.Add(ref _b.Origin, j * stride);
                V s = V.Broadcast(T.Zero);
                int k = 0;
                for (; k <= inner - V.Count; k += V.Count)
                {
                    V.Accumulate(ref s, V.Load(in a, (nuint)k), V.Load(in b, (nuint)k));
                }

                T d = V.Sum(s);
                for (; k < inner; k++)
                {
                    d = T.MultiplyAddEstimate(Unsafe.Add(ref a, k), Unsafe.Add(ref b, k), d);
                }

                Store(ref Unsafe.Add(ref c, j), d);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(ref T c, T sum) => c = _add ? c + sum : sum;
}
