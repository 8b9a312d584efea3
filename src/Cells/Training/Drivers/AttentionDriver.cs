using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>An <see cref="AttentionLayer"/>: the steps of one sequence after the other are gathered and weighed.</summary>
internal sealed class AttentionDriver<T>(StackLayer layer) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Numbers on the tape: α of every row, sequence by sequence.</summary>
    public override long TapeLength(SequenceLayout layout) => Arena<T>.LengthOf(layout.Rows);

    /// <inheritdoc/>
    public override long ForwardWorkspaceLength(SequenceLayout layout) => Arena<T>.LengthOf((long)layout.Steps * layer.InputSize);

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(SequenceLayout layout) => (2 * ForwardWorkspaceLength(layout))
        + AttentionFunction.BackwardWorkspaceLength<T>(layout.Steps, layer.InputSize);

    /// <inheritdoc/>
    public override void Forward(in LayerForward<T> call)
    {
        BatchShape shape = new(call.Layout);
        Arena<T> scratch = new(call.Workspace);
        MatrixView<T> buffer = scratch.Take(shape.Steps, layer.InputSize);
        int done = 0;
        for (int sortedIndex = 0; sortedIndex < shape.Batch; sortedIndex++)
        {
            MatrixView<T> x = shape.GatherSequence(call.X, sortedIndex, buffer);
            AttentionFunction.Forward(
                x, layer.Weights!.In(call.Parameters), call.Tape.Slice(done, x.Rows), call.Y.Row(shape.Sequence(sortedIndex)));
            done += x.Rows;
        }
    }

    /// <inheritdoc/>
    public override void Backward(in LayerBackward<T> call)
    {
        BatchShape shape = new(call.Layout);
        Arena<T> scratch = new(call.Workspace);
        MatrixView<T> buffer = scratch.Take(shape.Steps, layer.InputSize);
        MatrixView<T> dBuffer = scratch.Take(shape.Steps, layer.InputSize);
        int done = 0;
        for (int sortedIndex = 0; sortedIndex < shape.Batch; sortedIndex++)
        {
            MatrixView<T> x = shape.GatherSequence(call.Rows.X, sortedIndex, buffer);
            MatrixView<T> dx = call.Rows.Dx.Rows > 0 ? dBuffer.RowRange(0, x.Rows) : default;
            AttentionFunction.Backward(
                x,
                layer.Weights!.In(call.Parameters),
                call.Tape.Slice(done, x.Rows),
                call.Rows.Dy.Row(shape.Sequence(sortedIndex)),
                dx,
                layer.Weights.In(call.Gradients),
                scratch.Rest);
            shape.ScatterSequence(dx, sortedIndex, call.Rows.Dx);
            done += x.Rows;
        }
    }
}
