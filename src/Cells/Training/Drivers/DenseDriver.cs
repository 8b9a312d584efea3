using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A dense layer: y = φ(W·x + b) over rows.</summary>
internal sealed class DenseDriver<T>(StackLayer layer, DenseLayer dense) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly DenseOutput _output = new(dense.Activation, Normalization.None);
    private readonly ParameterSlot _weights = layer.Weights!;

    /// <inheritdoc/>
    public override bool NeedsOutput => !_output.IsLinear;

    /// <summary>Numbers on the tape: the pre-activations, if backward reads them.</summary>
    public override long TapeLength(SequenceLayout layout) =>
        _output.NeedsPreActivations ? Arena<T>.LengthOf((long)Rows(layout) * _weights.Rows) : 0;

    /// <inheritdoc/>
    public override long ForwardWorkspaceLength(SequenceLayout layout) =>
        MatrixProduct.WorkspaceLength<T>(Rows(layout), _weights.Columns, _weights.Rows);

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(SequenceLayout layout)
    {
        int rows = Rows(layout);
        return (_output.IsLinear ? 0 : Arena<T>.LengthOf((long)rows * _weights.Rows))
            + Arena<T>.LengthOf(rows)
            + Math.Max(
                MatrixProduct.WorkspaceLength<T>(_weights.Rows, rows, _weights.Columns),
                MatrixProduct.WorkspaceLength<T>(rows, _weights.Rows, _weights.Columns));
    }

    /// <summary>y [n, O] ← φ(x [n, I]·Wᵀ + b); the tape is filled for <see cref="Backward"/>.</summary>
    public override void Forward(in LayerForward<T> call)
    {
        MatrixView<T> y = call.Y;
        MatrixView<T> a = _output.NeedsPreActivations ? Kept(call.Tape, y.Rows) : y;
        WriteBias(call.Parameters, a);
        MatrixProduct.MultiplyAdd(call.X, Matrix(call.Parameters).Transposed, a, call.Workspace);
        for (int row = 0; row < y.Rows && !_output.IsLinear; row++)
        {
            _output.Apply(a.Row(row), y.Row(row));
        }
    }

    /// <summary>dW += daᵀ·x, db += Σ of da's rows, and ∂L/∂x ← da·W if it is needed.</summary>
    public override void Backward(in LayerBackward<T> call)
    {
        MatrixView<T> da = call.Rows.Dy, y = call.Rows.Y;
        Arena<T> scratch = new(call.Workspace);
        AddNorms(call.Layout, da, call.Norms, scratch.Take(da.Rows));
        if (!_output.IsLinear)
        {
            da = scratch.Take(call.Rows.Dy.Rows, _weights.Rows);
            MatrixView<T> a = _output.NeedsPreActivations ? Kept(call.Tape, y.Rows) : y;
            for (int row = 0; row < da.Rows; row++)
            {
                _output.Gradient(a.Row(row), y.Row(row), call.Rows.Dy.Row(row), da.Row(row));
            }
        }

        MatrixProduct.MultiplyAdd(da.Transposed, call.Rows.X, Matrix(call.Gradients), scratch.Rest);
        if (layer.Bias is not null)
        {
            MatrixProduct.AddColumnSums(da, layer.Bias.In(call.Gradients));
        }

        if (call.Rows.Dx.Rows > 0)
        {
            MatrixProduct.Multiply(da, Matrix(call.Parameters), call.Rows.Dx, scratch.Rest);
        }
    }

    private int Rows(SequenceLayout layout) => layer.InputRows(layout.Rows, layout.Batch);

    private void WriteBias(ReadOnlySpan<T> parameters, MatrixView<T> y)
    {
        for (int row = 0; row < y.Rows; row++)
        {
            if (layer.Bias is null)
            {
                y.Row(row).Clear();
            }
            else
            {
                layer.Bias.In(parameters).CopyTo(y.Row(row));
            }
        }
    }

    // A view does not know that memory is read-only: forward writes through it, backward only reads.
    private MatrixView<T> Kept(ReadOnlySpan<T> tape, int rows) => new(tape[..(rows * _weights.Rows)], rows, _weights.Rows);

    private MatrixView<T> Matrix(ReadOnlySpan<T> buffer) => new(_weights.In(buffer), _weights.Rows, _weights.Columns);
}
