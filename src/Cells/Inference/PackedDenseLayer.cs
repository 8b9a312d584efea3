using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed dense layer.</summary>
/// <typeparam name="TWeights">The precision of its weights.</typeparam>
internal sealed class PackedDenseLayer<TWeights> : PackedRows
    where TWeights : struct, IWeights
{
    private readonly StackLayer _layer;
    private readonly ParameterSlot _weights;
    private readonly ParameterSlot? _bias;
    private readonly PackedDense<TWeights> _dense;
    private readonly bool _flushes;

    /// <summary>Creates the layer of a description; its weights are packed later.</summary>
    /// <param name="layer">The description.</param>
    /// <param name="outputOffset">Offset of its output in a stream's memory.</param>
    /// <param name="flushes">True if small numbers of its output are flushed to zero, as in every layer but the last.</param>
    public PackedDenseLayer(StackLayer layer, int outputOffset, bool flushes)
        : base(outputOffset)
    {
        _layer = layer;
        _weights = layer.Weights!;
        _bias = layer.Bias;
        _flushes = flushes;
        _dense = new PackedDense<TWeights>(
            layer.OutputSize, layer.InputSize, new DenseOutput(((DenseLayer)layer.Spec).Activation, Normalization.None));
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
    public override long WorkspaceLength(BatchShape shape) => _dense.WorkspaceLength(_layer.InputRows(shape.Rows, shape.Batch));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in PackedCall call)
    {
        _dense.Run(call.X, call.Y, call.Workspace, call.Backwards);
        for (int row = 0; _flushes && row < call.Y.Rows; row++)
        {
            Span<float> outputs = call.Y.Row(row)[.._weights.Rows];
            Flush(outputs, outputs);
        }
    }
}
