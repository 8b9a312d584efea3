using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed layer that computes every row on its own.</summary>
internal abstract class PackedRows(int outputOffset) : PackedLayer(outputOffset)
{
    /// <summary>Numbers in the workspace of <see cref="Run"/> for <paramref name="rows"/> rows.</summary>
    public abstract long WorkspaceLength(int rows);

    /// <summary>Runs rows of any steps: x [n, I] in, y [n, Width] out.</summary>
    public abstract void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards);

    /// <summary>y ← x, or 0 where the magnitude is small; y may be x.</summary>
    protected static void Flush(ReadOnlySpan<float> x, Span<float> y) => Dispatch.Run<float, FlushKernel>(new FlushKernel(x, y));
}
