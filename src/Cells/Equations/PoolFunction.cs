using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// Equations of a <see cref="PoolLayer"/> for one sequence. Its state p is the sum, maximum or last row of the steps so far, and n is
/// their number: p and n are 0 before the first one.
/// </summary>
internal sealed class PoolFunction<T>(Pooling kind)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>True if n matters.</summary>
    public bool Counts => kind is Pooling.Mean or Pooling.Maximum;

    /// <summary>p and n ← p and n with one more step.</summary>
    public void Add(ReadOnlySpan<T> x, Span<T> pooled, ref T count)
    {
        if (kind is Pooling.Mean or Pooling.Sum)
        {
            AffineKernel<T>.Compute(x, default, pooled, pooled);
        }
        else if (kind == Pooling.Last || !(count > T.Zero))
        {
            x.CopyTo(pooled);
        }
        else
        {
            MaximumKernel<T>.Compute(x, pooled);
        }

        count += T.One;
    }

    /// <summary>y ← p, of a mean p / n; 0 without steps.</summary>
    public void Value(ReadOnlySpan<T> pooled, T count, Span<T> y)
    {
        if (Counts && !(count > T.Zero))
        {
            y.Clear();
            return;
        }

        if (kind == Pooling.Mean)
        {
            QuotientKernel<T>.Compute(pooled, count, y);
        }
        else
        {
            pooled.CopyTo(y);
        }
    }

    /// <summary>dp and dn ← the gradients by p and n behind the last step, of later steps and of y.</summary>
    public void AddOutputGradient(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, T count, Span<T> dPooled, ref T dCount)
    {
        if (Counts && !(count > T.Zero))
        {
            return;
        }

        for (int i = 0; i < dy.Length; i++)
        {
            if (kind == Pooling.Mean)
            {
                T mean = dy[i] / count;
                dPooled[i] += mean;
                dCount -= mean * y[i];
            }
            else
            {
                dPooled[i] += dy[i];
            }
        }
    }

    /// <summary>
    /// dx ← the gradient by the row of a step, from the first step on; dx is empty if it is not needed. What is left of dp behind the last
    /// step is the gradient by p before the first one.
    /// </summary>
    public void StepGradient(ReadOnlySpan<T> x, ReadOnlySpan<T> y, bool isLast, Span<T> dPooled, Span<T> dx)
    {
        switch (kind)
        {
            case Pooling.Mean:
            case Pooling.Sum:
                dPooled[..dx.Length].CopyTo(dx);
                break;
            case Pooling.Last when isLast:
                dPooled[..dx.Length].CopyTo(dx);
                dPooled.Clear();
                break;
            case Pooling.Last:
                dx.Clear();
                break;
            default:
                dx.Clear();
                for (int i = 0; i < x.Length; i++)
                {
                    if (x[i] == y[i])
                    {
                        if (!dx.IsEmpty)
                        {
                            dx[i] = dPooled[i];
                        }

                        dPooled[i] = T.Zero;
                    }
                }

                break;
        }
    }
}
