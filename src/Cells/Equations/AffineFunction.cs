using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>y = s ⊙ x + t.</summary>
internal sealed class AffineFunction<T> : RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y) =>
        AffineKernel<T>.Compute(x, scale, shift, y);

    /// <inheritdoc/>
    public override void Backward(in RowGradient<T> row)
    {
        // The lengths of empty outputs are 0.
        AffineKernel<T>.Compute(row.Dy, row.X, row.DScale, row.DScale);
        AffineKernel<T>.Compute(row.Dy, default, row.DShift, row.DShift);
        AffineKernel<T>.Compute(row.Dy, row.Scale, default, row.Dx);
    }
}
