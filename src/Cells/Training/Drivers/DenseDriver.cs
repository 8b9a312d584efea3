using System.Numerics;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A dense layer or the head: y = ν(φ(W·x + b)) over rows.</summary>
internal sealed class DenseDriver<T>(ParameterSlot weights, ParameterSlot? bias, DenseOutput output) : RowsDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override bool NeedsOutput => !output.IsLinear;

    /// <summary>Numbers on the tape for <paramref name="rows"/> rows: the pre-activations, if backward reads them.</summary>
    public override long TapeLength(int rows) => output.NeedsPreActivations ? Arena<T>.LengthOf((long)rows * weights.Rows) : 0;

    /// <inheritdoc/>
    public override long ForwardWorkspaceLength(int rows) => MatrixProduct.WorkspaceLength<T>(rows, weights.Columns, weights.Rows);

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(int rows) => (output.IsLinear ? 0 : Arena<T>.LengthOf((long)rows * weights.Rows))
        + Arena<T>.LengthOf(rows)
        + Math.Max(
            MatrixProduct.WorkspaceLength<T>(weights.Rows, rows, weights.Columns),
            MatrixProduct.WorkspaceLength<T>(rows, weights.Rows, weights.Columns));

    /// <summary>y [n, O] ← ν(φ(x [n, I]·Wᵀ + b)); the tape is filled for <see cref="Backward"/>.</summary>
    public override void Forward(ReadOnlySpan<T> parameters, MatrixView<T> x, MatrixView<T> y, Span<T> tape, Span<T> workspace)
    {
        MatrixView<T> a = output.NeedsPreActivations ? Kept(tape, y.Rows) : y;
        WriteBias(parameters, a);
        MatrixProduct.MultiplyAdd(x, Matrix(parameters).Transposed, a, workspace);
        for (int row = 0; row < y.Rows && !output.IsLinear; row++)
        {
            output.Apply(a.Row(row), y.Row(row));
        }
    }

    /// <summary>
    /// dW += daᵀ·x, db += Σ of da's rows, and ∂L/∂x ← da·W if it is needed. <paramref name="norms"/>, [T] or empty: norm ←
    /// √(norm² + ‖∂L/∂y‖²) for each step.
    /// </summary>
    public override void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        in LayerRows<T> rows,
        ReadOnlySpan<T> tape,
        Span<T> gradients,
        Span<double> norms,
        Span<T> workspace)
    {
        MatrixView<T> da = rows.Dy;
        Arena<T> scratch = new(workspace);
        AddNorms(layout, da, norms, scratch.Take(da.Rows));
        if (!output.IsLinear)
        {
            da = scratch.Take(rows.Dy.Rows, weights.Rows);
            MatrixView<T> a = output.NeedsPreActivations ? Kept(tape, rows.Y.Rows) : rows.Y;
            for (int row = 0; row < da.Rows; row++)
            {
                output.Gradient(a.Row(row), rows.Y.Row(row), rows.Dy.Row(row), da.Row(row));
            }
        }

        MatrixProduct.MultiplyAdd(da.Transposed, rows.X, Matrix(gradients), scratch.Rest);
        if (bias is not null)
        {
            MatrixProduct.AddColumnSums(da, bias.In(gradients));
        }

        if (rows.Dx.Rows > 0)
        {
            MatrixProduct.Multiply(da, Matrix(parameters), rows.Dx, scratch.Rest);
        }
    }

    private void WriteBias(ReadOnlySpan<T> parameters, MatrixView<T> y)
    {
        for (int row = 0; row < y.Rows; row++)
        {
            if (bias is null)
            {
                y.Row(row).Clear();
            }
            else
            {
                bias.In(parameters).CopyTo(y.Row(row));
            }
        }
    }

    // A view does not know that memory is read-only: forward writes through it, backward only reads.
    private MatrixView<T> Kept(ReadOnlySpan<T> tape, int rows) => new(tape[..(rows * weights.Rows)], rows, weights.Rows);

    private MatrixView<T> Matrix(ReadOnlySpan<T> buffer) => new(weights.In(buffer), weights.Rows, weights.Columns);
}
