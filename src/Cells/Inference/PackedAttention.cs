using System.Diagnostics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>An <see cref="AttentionLayer"/>, its w in float at any precision; it needs whole sequences.</summary>
internal sealed class PackedAttention(StackLayer layer, int outputOffset) : PackedRows(outputOffset)
{
    private PackedMemory<float> _weights;

    /// <inheritdoc/>
    public override long Length => Arena<float>.LengthOf(layer.InputSize);

    /// <inheritdoc/>
    public override int Width => Padded(layer.OutputSize);

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
        _weights = memory.Slice(0, layer.InputSize);
        layer.Weights!.In(parameters).CopyTo(_weights.Span);
    }

    /// <inheritdoc/>
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards) =>
        throw new UnreachableException();

    /// <inheritdoc/>
    public override long WorkspaceLength(BatchShape shape) =>
        Arena<float>.LengthOf((long)shape.Steps * layer.InputSize) + Arena<float>.LengthOf(shape.Steps);

    /// <inheritdoc/>
    public override void Run(in PackedCall call)
    {
        BatchShape shape = call.Shape;
        Arena<float> scratch = new(call.Workspace);
        MatrixView<float> buffer = scratch.Take(shape.Steps, layer.InputSize);
        Span<float> alpha = scratch.Take(shape.Steps);
        for (int sortedIndex = 0; sortedIndex < shape.Batch; sortedIndex++)
        {
            MatrixView<float> x = shape.GatherSequence(call.X, sortedIndex, buffer);
            Span<float> y = call.Y.Row(shape.Sequence(sortedIndex))[..layer.OutputSize];
            AttentionFunction.Forward(x, _weights.Span, alpha[..x.Rows], y);
            Flush(y, y);
        }
    }
}
