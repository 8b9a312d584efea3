using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed layer that is not recurrent.</summary>
internal abstract class PackedRows(int outputOffset) : PackedLayer(outputOffset)
{
    /// <inheritdoc/>
    public override long Length => 0;

    /// <inheritdoc/>
    public override long StepScratch => 0;

    /// <summary>Numbers in the workspace of <see cref="Run"/>.</summary>
    public virtual long WorkspaceLength(BatchShape shape) => 0;

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
    }

    /// <summary>Runs all rows of a batch.</summary>
    public abstract void Run(in PackedCall call);

    /// <summary>y ← x, or 0 where the magnitude is small; y may be x.</summary>
    protected static void Flush(ReadOnlySpan<float> x, Span<float> y) => Dispatch.Run<float, FlushKernel>(new FlushKernel(x, y));
}
