using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>y ← (s ⊙ (x − μ))·r + t, where s and t may be empty. μ is 0 unless <paramref name="centers"/>.</summary>
internal readonly ref struct NormalizationKernel<T>(
    ReadOnlySpan<T> x, bool centers, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _x = x;
    private readonly bool _centers = centers;
    private readonly T _epsilon = epsilon;
    private readonly ReadOnlySpan<T> _scale = scale;
    private readonly ReadOnlySpan<T> _shift = shift;
    private readonly Span<T> _y = y;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        var statistics = RowStatistics<T>.Of<V>(_x, _centers, _epsilon);
        ref T x = ref MemoryMarshal.GetReference(_x);
        ref T y = ref MemoryMarshal.GetReference(_y);
        int i = 0;
        for (; i <= _y.Length - V.Count; i += V.Count)
        {
            Row<V>(statistics, ref x, ref y, (nuint)i);
        }

        for (; i < _y.Length; i++)
        {
            Row<Simd1<T>>(statistics, ref x, ref y, (nuint)i);
        }
    }

    // A product and a sum, not fused: the bits of an element do not depend on its place in the row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Row<V>(RowStatistics<T> statistics, ref T x, ref T y, nuint i)
        where V : struct, ISimd<V, T>
    {
        V value = V.Load(in x, i) - V.Broadcast(statistics.Mean);
        if (!_scale.IsEmpty)
        {
            value *= V.Load(in MemoryMarshal.GetReference(_scale), i);
        }

        // The factor is last: it is ready last.
        value *= V.Broadcast(statistics.Factor);
        if (!_shift.IsEmpty)
        {
            value += V.Load(in MemoryMarshal.GetReference(_shift), i);
        }

        V.Store(value, ref y, i);
    }
}
