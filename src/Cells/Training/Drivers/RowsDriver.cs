using System.Numerics;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A layer that computes every row on its own.</summary>
internal abstract class RowsDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>True if backward reads the output.</summary>
    public abstract bool NeedsOutput { get; }

    /// <summary>Numbers on the tape for <paramref name="rows"/> rows.</summary>
    public abstract long TapeLength(int rows);

    /// <summary>Numbers in the workspace of <see cref="Forward"/> for <paramref name="rows"/> rows.</summary>
    public abstract long ForwardWorkspaceLength(int rows);

    /// <summary>Numbers in the workspace of <see cref="Backward"/> for <paramref name="rows"/> rows.</summary>
    public abstract long BackwardWorkspaceLength(int rows);

    /// <summary>y [n, O] ← f(x [n, I]); the tape is filled for <see cref="Backward"/>.</summary>
    public abstract void Forward(ReadOnlySpan<T> parameters, MatrixView<T> x, MatrixView<T> y, Span<T> tape, Span<T> workspace);

    /// <summary>
    /// Adds to <paramref name="gradients"/>, and ∂L/∂x ← its gradient if it is needed. <paramref name="norms"/>, [T] or empty: norm ←
    /// √(norm² + ‖∂L/∂y‖²) for each step.
    /// </summary>
    public abstract void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        in LayerRows<T> rows,
        ReadOnlySpan<T> tape,
        Span<T> gradients,
        Span<double> norms,
        Span<T> workspace);

    /// <summary>Adds the norm of each row of ∂L/∂y to the norm of its step; <paramref name="scratch"/> has a number for each row.</summary>
    protected static void AddNorms(SequenceLayout layout, MatrixView<T> dy, Span<double> norms, Span<T> scratch)
    {
        Span<T> rowNorms = scratch[..(norms.IsEmpty ? 0 : dy.Rows)];
        for (int row = 0; row < rowNorms.Length; row++)
        {
            rowNorms[row] = GradientClipping.Norm<T>(dy.Row(row));
        }

        StepNorms.Add(layout, rowNorms, norms);
    }
}
