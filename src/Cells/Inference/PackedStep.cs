using System.Diagnostics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Sequences;

namespace SpanRnn.Cells.Inference;

/// <summary>A <see cref="StepLayer"/>; it needs whole sequences.</summary>
internal sealed class PackedStep(StackLayer layer, int step, int outputOffset) : PackedRows(outputOffset)
{
    /// <inheritdoc/>
    public override int Width => Padded(layer.OutputSize);

    /// <inheritdoc/>
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards) =>
        throw new UnreachableException();

    /// <inheritdoc/>
    public override void Run(in PackedCall call)
    {
        BatchShape shape = call.Shape;
        for (int sequence = 0; sequence < shape.Batch; sequence++)
        {
            call.Y.Row(sequence).Clear();
        }

        int live = step < shape.Steps ? shape.Live(step) : 0;
        int first = live == 0 ? 0 : shape.First(step, live);
        for (int sortedIndex = 0; sortedIndex < live; sortedIndex++)
        {
            call.X.Row(first + sortedIndex).CopyTo(call.Y.Row(shape.Sequence(sortedIndex)));
        }
    }
}
