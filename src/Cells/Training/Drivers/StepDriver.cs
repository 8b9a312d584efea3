using System.Numerics;
using SpanRnn.Cells.Sequences;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A <see cref="StepLayer"/>: one step of every sequence is its row.</summary>
internal sealed class StepDriver<T>(int step) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Forward(in LayerForward<T> call)
    {
        BatchShape shape = new(call.Layout);
        call.Y.Span.Clear();
        int live = shape.Live(step);
        int first = live == 0 ? 0 : shape.First(step, live);
        for (int sortedIndex = 0; sortedIndex < live; sortedIndex++)
        {
            call.X.Row(first + sortedIndex).CopyTo(call.Y.Row(shape.Sequence(sortedIndex)));
        }
    }

    /// <inheritdoc/>
    public override void Backward(in LayerBackward<T> call)
    {
        if (call.Rows.Dx.Rows == 0)
        {
            return;
        }

        BatchShape shape = new(call.Layout);
        call.Rows.Dx.Span.Clear();
        int live = shape.Live(step);
        int first = live == 0 ? 0 : shape.First(step, live);
        for (int sortedIndex = 0; sortedIndex < live; sortedIndex++)
        {
            call.Rows.Dy.Row(shape.Sequence(sortedIndex)).CopyTo(call.Rows.Dx.Row(first + sortedIndex));
        }
    }
}
