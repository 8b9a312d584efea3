using System.Numerics;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Equations;

/// <summary>Equations of an <see cref="AttentionLayer"/> for one sequence x [T, I]: α = softmax(x·w) over the steps, y = αᵀ·x.</summary>
internal static class AttentionFunction
{
    /// <summary>α [T] and y [I] ← the weights and the weighted sum; y is 0 without steps.</summary>
    public static void Forward<T>(MatrixView<T> x, ReadOnlySpan<T> w, Span<T> alpha, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (x.Rows == 0)
        {
            y.Clear();
            return;
        }

        MatrixProduct.Dot(x, Column(w), Column<T>(alpha));
        Activations.Softmax(alpha, alpha);
        MatrixProduct.Vector(Row<T>(alpha), x, y);
    }

    /// <summary>Numbers in the workspace of <see cref="Backward"/>.</summary>
    public static long BackwardWorkspaceLength<T>(int steps, int size)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Arena<T>.LengthOf(steps) + Arena<T>.LengthOf(2L * steps) + Arena<T>.LengthOf(2L * size);

    /// <summary>
    /// dx [T, I] ← α·dyᵀ + ds·wᵀ and dw [I] += xᵀ·ds, where ds is the gradient by the scores x·w; dx has no rows if it is not needed.
    /// </summary>
    public static void Backward<T>(
        MatrixView<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> alpha, ReadOnlySpan<T> dy, MatrixView<T> dx, Span<T> dw, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (x.Rows == 0)
        {
            return;
        }

        Arena<T> scratch = new(workspace);
        Span<T> dScores = scratch.Take(x.Rows);
        MatrixProduct.Dot(x, Column(dy), Column<T>(dScores));
        Activations.SoftmaxGradient(alpha, dScores, dScores);
        MatrixProduct.VectorAdd(Row<T>(dScores), x, dw);
        if (dx.Rows == 0)
        {
            return;
        }

        MatrixView<T> factors = scratch.Take(x.Rows, 2);
        MatrixView<T> directions = scratch.Take(2, x.Columns);
        dy.CopyTo(directions.Row(0));
        w.CopyTo(directions.Row(1));
        for (int step = 0; step < x.Rows; step++)
        {
            factors.At(step, 0) = alpha[step];
            factors.At(step, 1) = dScores[step];
            MatrixProduct.Vector(factors.RowRange(step, 1), directions, dx.Row(step));
        }
    }

    private static MatrixView<T> Column<T>(ReadOnlySpan<T> values) => new(values, values.Length, 1);

    private static MatrixView<T> Row<T>(ReadOnlySpan<T> values) => new(values, 1, values.Length);
}
