using System.Numerics;
using System.Numerics.Tensors;

namespace SpanRnn.Cells.Equations;

/// <summary>y = s ⊙ x + t.</summary>
internal sealed class AffineFunction<T> : RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
    {
        if (scale.IsEmpty)
        {
            TensorPrimitives.Add(x, shift, y);
        }
        else if (shift.IsEmpty)
        {
            TensorPrimitives.Multiply(x, scale, y);
        }
        else
        {
            TensorPrimitives.MultiplyAdd(x, scale, shift, y);
        }
    }

    /// <inheritdoc/>
    public override void Backward(in RowGradient<T> row)
    {
        if (!row.DScale.IsEmpty)
        {
            TensorPrimitives.MultiplyAdd(row.Dy, row.X, row.DScale, row.DScale);
        }

        if (!row.DShift.IsEmpty)
        {
            TensorPrimitives.Add(row.Dy, row.DShift, row.DShift);
        }

        if (row.Dx.IsEmpty)
        {
            return;
        }

        if (row.Scale.IsEmpty)
        {
            row.Dy.CopyTo(row.Dx);
        }
        else
        {
            TensorPrimitives.Multiply(row.Dy, row.Scale, row.Dx);
        }
    }
}
