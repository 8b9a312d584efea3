using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// With x̂ = (x − μ)·r and g = s ⊙ ∂L/∂y: ds += ∂L/∂y ⊙ x̂, and dx ← r·(g − mean(g) − x̂·mean(g ⊙ x̂)), without mean(g) if μ is 0. dx or
/// ds may be empty.
/// </summary>
internal readonly ref struct NormalizationGradientKernel<T>(
    ReadOnlySpan<T> x, bool centers, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> dy, Span<T> dx, Span<T> dScale) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _x = x;
    private readonly bool _centers = centers;
    private readonly T _epsilon = epsilon;
    private readonly ReadOnlySpan<T> _scale = scale;
    private readonly ReadOnlySpan<T> _dy = dy;
    private readonly Span<T> _dx = dx;
    private readonly Span<T> _dScale = dScale;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        var statistics = RowStatistics<T>.Of<V>(_x, _centers, _epsilon);
        T sum = T.Zero, product = T.Zero;
        for (int i = 0; i < _x.Length; i++)
        {
            T normalized = (_x[i] - statistics.Mean) * statistics.Factor;
            if (!_dScale.IsEmpty)
            {
                _dScale[i] += _dy[i] * normalized;
            }

            T g = G(i);
            sum += g;
            product += g * normalized;
        }

        T count = T.CreateTruncating(_x.Length);
        T mean = _centers ? sum / count : T.Zero;
        product /= count;
        for (int i = 0; i < _dx.Length; i++)
        {
            T normalized = (_x[i] - statistics.Mean) * statistics.Factor;
            _dx[i] = (G(i) - mean - (normalized * product)) * statistics.Factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T G(int i) => _scale.IsEmpty ? _dy[i] : _dy[i] * _scale[i];
}
