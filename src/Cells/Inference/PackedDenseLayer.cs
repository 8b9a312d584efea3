using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed dense layer. Small numbers of its output are flushed to zero, as in every layer.</summary>
internal sealed class PackedDenseLayer : PackedLayer
{
    private readonly ParameterSlot _weights;
    private readonly ParameterSlot? _bias;
    private readonly PackedDense _dense;

    public PackedDenseLayer(NetworkSpec spec, int layer, WeightPrecision precision, int outputOffset)
        : base(outputOffset)
    {
        _weights = spec.Slot(layer, Direction.Forward, ParameterRole.InputWeights)!;
        _bias = spec.Slot(layer, Direction.Forward, ParameterRole.InputBias);
        _dense = PackedDense.Create(precision, _weights, DenseOutput.Of(spec.Layers[layer]));
    }

    /// <inheritdoc/>
    public override long Length => _dense.Length;

    /// <inheritdoc/>
    public override long StepScratch => _dense.StepScratch;

    /// <inheritdoc/>
    public override int Width => _dense.Width;

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory) =>
        _dense.Pack(_weights, _bias, parameters, memory);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards)
    {
        Span<float> y = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, OutputOffset), _weights.Rows);
        _dense.Step(in x, y, ref scratch, backwards);
        Flush(y);
    }

    /// <summary>Numbers in the workspace of <see cref="Run"/> for <paramref name="rows"/> rows.</summary>
    public long WorkspaceLength(int rows) => _dense.WorkspaceLength(rows);

    /// <summary>Runs rows of any steps: x [n, I] in, y [n, Width] out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards)
    {
        _dense.Run(x, y, workspace, backwards);
        for (int row = 0; row < y.Rows; row++)
        {
            Flush(y.Row(row)[.._weights.Rows]);
        }
    }

    private static void Flush(Span<float> y) => Dispatch.Run<float, FlushKernel>(new FlushKernel(y, y));
}
