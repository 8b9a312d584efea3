using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>sum [1, H] += a ⊙ b, row after row.</summary>
internal readonly ref struct ProductUnits<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> sum) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly MatrixView<T> _a = a;
    private readonly MatrixView<T> _b = b;
    private readonly MatrixView<T> _sum = sum;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        ref T a = ref Unsafe.Add(ref _a.Origin, (nint)row * _a.RowStride);
        ref T b = ref Unsafe.Add(ref _b.Origin, (nint)row * _b.RowStride);
        ref T sum = ref _sum.Origin;
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V total = V.MultiplyAdd(
                TMask.Load<V, T>(in a, i, count), TMask.Load<V, T>(in b, i, count), TMask.Load<V, T>(in sum, i, count));
            TMask.Store(total, ref sum, i, count);
        }
    }
}
