using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Inference;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>One step of one stream.</content>
public sealed partial class PackedNetwork
{
    /// <summary>Runs one step of one stream.</summary>
    /// <param name="x">[I] in.</param>
    /// <param name="state">State of the stream, in and out.</param>
    /// <param name="y">
    /// [O] out; may be <paramref name="x"/>, which is read before y is written. A pooling gives the output that the sequence would have if
    /// it ended with this step.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, or the state belongs to another network; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer needs whole sequences; the message names it.</exception>
    /// <remarks>Allocates nothing and takes no lock; for a real-time thread. Reads the packed weights once.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step(ReadOnlySpan<float> x, StreamState state, Span<float> y)
    {
        Guard.Length(x, Spec.InputSize, "Spec.InputSize");
        Guard.Length<float>(y, _outputSize, "Spec.OutputSize");
        Check(state);
        CheckStreams();
        StepChecked(x, state, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StepChecked(ReadOnlySpan<float> x, StreamState state, Span<float> y)
    {
        bool backwards = AlternateReading();
        ref float memory = ref state.Origin;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Check(StreamState state)
    {
        if (state is null)
        {
            ThrowNull(nameof(state));
        }

        if (!ReferenceEquals(state.Network, this))
        {
            ThrowForeign(nameof(state), nameof(state));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckStreams()
    {
        if (!_streams)
        {
            ThrowWhole();
        }
    }

    [DoesNotReturn]
    private static void ThrowNull(string name) => throw new ArgumentNullException(name);

    [DoesNotReturn]
    private static void ThrowForeign(string argument, string name) => throw new ArgumentException(
        $"'{argument}' belongs to another network, expected a state made for this one.", name);

    [DoesNotReturn]
    private void ThrowWhole() => throw new InvalidOperationException(
        $"Layer {Spec.FirstWholeLayer} {Spec.Layers[Spec.FirstWholeLayer].NeedsWholeSequences} and needs whole sequences; expected a "
        + "network without such a layer in a stream.");
}
