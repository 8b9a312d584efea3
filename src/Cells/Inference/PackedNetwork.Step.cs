using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Inference;

namespace SpanRnn;

/// <content>One step of one stream.</content>
public sealed partial class PackedNetwork
{
    /// <summary>y ← the outputs of one step. Lengths are right, and the stream belongs to this network, which may be stepped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Step(ReadOnlySpan<float> x, StreamState stream, Span<float> y)
    {
        bool backwards = AlternateReading();
        ref float memory = ref stream.Origin;
        ref float scratch = ref Unsafe.Add(ref memory, _scratch);
        ref float input = ref MemoryMarshal.GetReference(x);
        if (_inputOffset >= 0)
        {
            Span<float> kept = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, _inputOffset), x.Length);
            Flush(x, kept);
            input = ref MemoryMarshal.GetReference(kept);
        }

        foreach (PackedLayer layer in _streamLayers)
        {
            layer.Step(in input, ref memory, ref scratch, backwards);
            input = ref Unsafe.Add(ref memory, layer.OutputOffset);
        }

        MemoryMarshal.CreateReadOnlySpan(ref input, y.Length).CopyTo(y);
    }

    /// <summary>Refuses steps of a network that needs whole sequences.</summary>
    /// <exception cref="InvalidOperationException">A layer needs them; the message names it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CheckStreams()
    {
        if (!_streams)
        {
            ThrowWhole();
        }
    }

    [DoesNotReturn]
    private void ThrowWhole() => throw new InvalidOperationException(
        $"Layer {Spec.FirstWholeLayer} {Spec.Layers[Spec.FirstWholeLayer].NeedsWholeSequences} and needs whole sequences; expected a "
        + "network without such a layer in a stream, or Run with a layout.");
}
