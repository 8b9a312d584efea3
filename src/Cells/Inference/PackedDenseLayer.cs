using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed dense layer or head.</summary>
/// <typeparam name="TWeights">The precision of its weights.</typeparam>
internal sealed class PackedDenseLayer<TWeights> : PackedRows
    where TWeights : struct, IWeights
{
    private readonly ParameterSlot _weights;
    private readonly ParameterSlot? _bias;
    private readonly PackedDense<TWeights> _dense;
    private readonly bool _flushes;

    /// <summary>Creates the layer of a description; its weights are packed later.</summary>
    /// <param name="layer">The description.</param>
    /// <param name="outputOffset">Offset of its output in a stream's memory.</param>
    /// <param name="flushes">True if small numbers of its output are flushed to zero, as in every layer but the head.</param>
    public PackedDenseLayer(StackLayer layer, int outputOffset, bool flushes)
        : base(outputOffset)
    {
        _weights = layer.Weights!;
        _bias = layer.Bias;
        _flushes = flushes;
        _dense = new PackedDense<TWeights>(
            layer.OutputSize, layer.InputSize, new DenseOutput(layer.Dense!.Activation, layer.Normalization));
    }

    /// <inheritdoc/>
    public override long Length => _dense.Length;

    /// <inheritdoc/>
    public override long StepScratch => _dense.FactorScratch;

    /// <inheritdoc/>
    public override int Width => _dense.Width;

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory) =>
        _dense.Pack(_weights, _bias, parameters, memory);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards)
    {
        ref float y = ref Unsafe.Add(ref memory, OutputOffset);
        _dense.Step(in x, ref y, ref scratch, backwards);
        if (_flushes)
        {
            Span<float> outputs = MemoryMarshal.CreateSpan(ref y, _weights.Rows);
            Flush(outputs, outputs);
        }
    }

    /// <inheritdoc/>
    public override long WorkspaceLength(int rows) => _dense.WorkspaceLength(rows);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards)
    {
        _dense.Run(x, y, workspace, backwards);
        for (int row = 0; _flushes && row < y.Rows; row++)
        {
            Span<float> outputs = y.Row(row)[.._weights.Rows];
            Flush(outputs, outputs);
        }
    }
}
