using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>
/// A layer without a matrix, packed: its <see cref="RowFunction{T}"/>, and its scale and shift in float at any precision.
/// </summary>
/// <remarks>
/// An affine layer right below a matrix is folded into it where that loses nothing (<see cref="PackedNetwork"/>); others are computed here.
/// </remarks>
internal sealed class PackedFunction : PackedRows
{
    private readonly StackLayer _layer;
    private readonly RowFunction<float> _function;
    private readonly int _size;
    private readonly bool _flushes;
    private PackedMemory<float> _scale;
    private PackedMemory<float> _shift;

    /// <summary>Creates the layer of a description; its parameters are packed later.</summary>
    /// <param name="layer">The description.</param>
    /// <param name="outputOffset">Offset of its output in a stream's memory.</param>
    /// <param name="flushes">True if small numbers of its output are flushed to zero, as in every layer but the last.</param>
    public PackedFunction(StackLayer layer, int outputOffset, bool flushes)
        : base(outputOffset)
    {
        _layer = layer;
        _function = RowFunctions.Create<float>(layer);
        _size = layer.OutputSize;
        _flushes = flushes;
    }

    /// <inheritdoc/>
    public override long Length => LengthOf(_layer.Scale) + LengthOf(_layer.Shift);

    /// <inheritdoc/>
    public override int Width => Padded(_size);

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
        _scale = memory.Slice(0, _layer.Scale?.Length ?? 0);
        _shift = memory.Slice((int)LengthOf(_layer.Scale), _layer.Shift?.Length ?? 0);
        _layer.Scale?.In(parameters).CopyTo(_scale.Span);
        _layer.Shift?.In(parameters).CopyTo(_shift.Span);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards) => Forward(
        MemoryMarshal.CreateReadOnlySpan(in x, _layer.InputSize),
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, OutputOffset), _size));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in PackedCall call)
    {
        for (int row = 0; row < call.Y.Rows; row++)
        {
            Forward(call.X.Row(row), call.Y.Row(row)[.._size]);
        }
    }

    private static long LengthOf(ParameterSlot? slot) => Arena<float>.LengthOf(slot?.Length ?? 0);

    private void Forward(ReadOnlySpan<float> x, Span<float> y)
    {
        _function.Forward(x, _scale.Span, _shift.Span, y);
        if (_flushes)
        {
            Flush(y, y);
        }
    }
}
