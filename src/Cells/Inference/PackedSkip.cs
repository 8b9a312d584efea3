using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>A <see cref="SkipLayer"/>, a factor for each feature in float at any precision.</summary>
internal sealed class PackedSkip : PackedRows
{
    private readonly StackLayer _layer;
    private readonly int _features;
    private readonly int _skippedOffset;
    private readonly bool _flushes;
    private PackedMemory<float> _factors;

    /// <summary>Creates the layer of a description; its factors are packed later.</summary>
    /// <param name="layer">The description.</param>
    /// <param name="features">Number of features that are added.</param>
    /// <param name="outputOffset">Offset of its output in a stream's memory.</param>
    /// <param name="skippedOffset">Offset of the row at the start of the stretch.</param>
    /// <param name="flushes">True if small numbers of its output are flushed to zero, as in every layer but the last.</param>
    public PackedSkip(StackLayer layer, int features, int outputOffset, int skippedOffset, bool flushes)
        : base(outputOffset)
    {
        _layer = layer;
        _features = features;
        _skippedOffset = skippedOffset;
        _flushes = flushes;
    }

    /// <inheritdoc/>
    public override long Length => _layer.Scale is null ? 0 : Arena<float>.LengthOf(_features);

    /// <inheritdoc/>
    public override int Width => Padded(_layer.OutputSize);

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
        _factors = memory.Slice(0, _layer.Scale is null ? 0 : _features);
        if (_layer.Scale is not null)
        {
            SkipFunction.Factors(_layer.Scale.In(parameters), _features, _factors.Span).CopyTo(_factors.Span);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards) => Forward(
        MemoryMarshal.CreateReadOnlySpan(in x, _layer.InputSize),
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref memory, _skippedOffset), _features),
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, OutputOffset), _layer.OutputSize));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in PackedCall call)
    {
        for (int row = 0; row < call.Y.Rows; row++)
        {
            Forward(call.X.Row(row), call.Skipped.Row(row), call.Y.Row(row)[.._layer.OutputSize]);
        }
    }

    private void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> skipped, Span<float> y)
    {
        SkipFunction.Forward(x, skipped, _factors.Span, _features, y);
        if (_flushes)
        {
            Flush(y, y);
        }
    }
}
