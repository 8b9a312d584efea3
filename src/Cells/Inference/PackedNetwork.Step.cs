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
    /// [O] out; may be <paramref name="x"/>, which is read before y is written. A head on the last step computes the output that the
    /// sequence would have if it ended with this step.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, or the state belongs to another network; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer runs in reverse, so it needs whole sequences.</exception>
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
        if (_skipCount > 0)
        {
            // Kept before y is written: y may be x.
            x[.._skipCount].CopyTo(Skipped(ref memory));
        }

        foreach (PackedLayer layer in _streamLayers)
        {
            layer.Step(in input, ref memory, ref scratch, backwards);
            input = ref Unsafe.Add(ref memory, layer.OutputOffset);
        }

        MemoryMarshal.CreateReadOnlySpan(ref input, y.Length).CopyTo(y);
        if (_skipCount > 0)
        {
            AddSkipped(Skipped(ref memory), y);
        }
    }

    /// <summary>Memory of a stream in which a step keeps the inputs that are added to its output.</summary>
    private Span<float> Skipped(ref float memory) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, _skipOffset), _skipCount);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSkipped(ReadOnlySpan<float> skipped, Span<float> y)
    {
        for (int i = 0; i < skipped.Length; i++)
        {
            y[i] += skipped[i];
        }
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
        if (_firstReverse >= 0)
        {
            ThrowReverse(_firstReverse);
        }
    }

    [DoesNotReturn]
    private static void ThrowNull(string name) => throw new ArgumentNullException(name);

    [DoesNotReturn]
    private static void ThrowForeign(string argument, string name) => throw new ArgumentException(
        $"'{argument}' belongs to another network, expected a state made for this one.", name);

    [DoesNotReturn]
    private static void ThrowReverse(int layer) => throw new InvalidOperationException(
        $"Layer {layer} runs in reverse and needs whole sequences; expected forward layers only in a stream.");
}
