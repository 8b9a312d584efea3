using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// y = s ⊙ x̂ + t with x̂ = (x − μ)·r and r = 1 / √(Σ (x − μ)² / n + ε). μ is the mean of x, or 0 for the root mean square.
/// </summary>
internal sealed class NormalizationFunction<T>(NormalizationLayer layer) : RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly bool _centers = layer.Kind == FeatureNormalization.Layer;
    private readonly T _epsilon = T.CreateTruncating(layer.Epsilon);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y) =>
        Dispatch.Run<T, NormalizationKernel<T>>(new NormalizationKernel<T>(x, _centers, _epsilon, scale, shift, y));

    /// <inheritdoc/>
    public override void Backward(in RowGradient<T> row)
    {
        AffineKernel<T>.Compute(row.Dy, default, row.DShift, row.DShift);
        if (!row.DScale.IsEmpty || !row.Dx.IsEmpty)
        {
            Dispatch.Run<T, NormalizationGradientKernel<T>>(
                new NormalizationGradientKernel<T>(row.X, _centers, _epsilon, row.Scale, row.Dy, row.Dx, row.DScale));
        }
    }
}
