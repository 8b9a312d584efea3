using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;

namespace SpanRnn.Cells.Inference;

/// <summary>A <see cref="FinalStateLayer"/>. A step has nothing to do for a single state: its output is that state.</summary>
internal sealed class PackedFinalState : PackedRows
{
    private readonly StackLayer _layer;
    private readonly int[] _offsets;

    /// <summary>Creates the layer of a description.</summary>
    /// <param name="layer">The description.</param>
    /// <param name="outputOffset">Offset of its output in a stream's memory, if it reads several states.</param>
    /// <param name="offsets">Offsets of the states that it reads.</param>
    public PackedFinalState(StackLayer layer, int outputOffset, int[] offsets)
        : base(offsets.Length == 1 ? offsets[0] : outputOffset)
    {
        _layer = layer;
        _offsets = offsets;
    }

    /// <inheritdoc/>
    public override int Width => Padded(_layer.OutputSize);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards)
    {
        if (_offsets.Length > 1)
        {
            Read(ref memory, MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, OutputOffset), _layer.OutputSize));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in PackedCall call)
    {
        for (int sequence = 0; sequence < call.States.Length; sequence++)
        {
            Read(ref call.States[sequence].Origin, call.Y.Row(sequence));
        }
    }

    private void Read(ref float memory, Span<float> y)
    {
        for (int i = 0; i < _offsets.Length; i++)
        {
            int size = _layer.ReadStates[i].Size;
            Flush(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref memory, _offsets[i]), size), y[..size]);
            y = y[size..];
        }
    }
}
