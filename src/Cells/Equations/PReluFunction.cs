using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>y = x where x ≥ 0, else s ⊙ x; dy/dx = 1 where x &gt; 0, else s.</summary>
internal sealed class PReluFunction<T> : RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = x[i] >= T.Zero ? x[i] : scale[i] * x[i];
        }
    }

    /// <inheritdoc/>
    public override void Backward(in RowGradient<T> row)
    {
        for (int i = 0; i < row.X.Length; i++)
        {
            row.DScale[i] += row.X[i] > T.Zero ? T.Zero : row.Dy[i] * row.X[i];
        }

        for (int i = 0; i < row.Dx.Length; i++)
        {
            row.Dx[i] = row.X[i] > T.Zero ? row.Dy[i] : row.Scale[i] * row.Dy[i];
        }
    }
}
