using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>y = ν(φ(x)).</summary>
internal sealed class ActivationFunction<T>(DenseOutput output) : RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y) => output.Apply(x, y);

    /// <inheritdoc/>
    public override void Backward(in RowGradient<T> row)
    {
        if (!row.Dx.IsEmpty)
        {
            output.Gradient(row.X, row.Y, row.Dy, row.Dx);
        }
    }
}
