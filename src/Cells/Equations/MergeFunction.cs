using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>y = f + r, (f + r) / 2 or f ⊙ r, where f and r are the halves of x.</summary>
internal sealed class MergeFunction<T>(DirectionMerge merge) : RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T _half = T.CreateTruncating(0.5);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
    {
        ReadOnlySpan<T> forward = x[..y.Length], reverse = x[y.Length..];
        switch (merge)
        {
            case DirectionMerge.Sum:
                AffineKernel<T>.Compute(forward, default, reverse, y);
                break;
            case DirectionMerge.Average:
                AffineKernel<T>.Compute(forward, default, reverse, y);
                Halve(y);
                break;
            default:
                AffineKernel<T>.Compute(forward, reverse, default, y);
                break;
        }
    }

    /// <inheritdoc/>
    public override void Backward(in RowGradient<T> row)
    {
        if (row.Dx.IsEmpty)
        {
            return;
        }

        int size = row.Dy.Length;
        Span<T> forward = row.Dx[..size], reverse = row.Dx[size..];
        switch (merge)
        {
            case DirectionMerge.Sum:
                row.Dy.CopyTo(forward);
                row.Dy.CopyTo(reverse);
                break;
            case DirectionMerge.Average:
                row.Dy.CopyTo(forward);
                Halve(forward);
                forward.CopyTo(reverse);
                break;
            default:
                AffineKernel<T>.Compute(row.Dy, row.X[size..], default, forward);
                AffineKernel<T>.Compute(row.Dy, row.X[..size], default, reverse);
                break;
        }
    }

    private static void Halve(Span<T> y)
    {
        foreach (ref T value in y)
        {
            value *= _half;
        }
    }
}
