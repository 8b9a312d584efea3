using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <summary>The dense head: y = W·h + b over rows.</summary>
internal sealed class DenseDriver<T>(ParameterSlot weights, ParameterSlot? bias)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Numbers in the workspace of every product with <paramref name="rows"/> rows.</summary>
    public int WorkspaceLength(int rows) => Math.Max(
        MatrixProduct.WorkspaceLength<T>(rows, weights.Columns, weights.Rows),
        Math.Max(
            MatrixProduct.WorkspaceLength<T>(weights.Rows, rows, weights.Columns),
            MatrixProduct.WorkspaceLength<T>(rows, weights.Rows, weights.Columns)));

    /// <summary>y [n, O] ← h [n, I]·Wᵀ + b.</summary>
    public void Forward(ReadOnlySpan<T> parameters, MatrixView<T> h, MatrixView<T> y, Span<T> workspace)
    {
        WriteBias(parameters, y);
        MatrixProduct.MultiplyAdd(h, Matrix(parameters).Transposed, y, workspace);
    }

    /// <summary>dW += dyᵀ·h, db += the sum of dy's rows.</summary>
    public void AddParameterGradients(MatrixView<T> h, MatrixView<T> dy, Span<T> gradients, Span<T> workspace)
    {
        MatrixProduct.MultiplyAdd(dy.Transposed, h, Matrix(gradients), workspace);
        if (bias is not null)
        {
            MatrixProduct.AddColumnSums(dy, bias.In(gradients));
        }
    }

    /// <summary>dh [n, its columns] += dy·W, for the columns of h from <paramref name="first"/> on.</summary>
    public void AddInputGradient(ReadOnlySpan<T> parameters, MatrixView<T> dy, int first, MatrixView<T> dh, Span<T> workspace) =>
        MatrixProduct.MultiplyAdd(dy, Matrix(parameters).ColumnRange(first, dh.Columns), dh, workspace);

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

    private MatrixView<T> Matrix(ReadOnlySpan<T> buffer) => new(weights.In(buffer), weights.Rows, weights.Columns);
}
