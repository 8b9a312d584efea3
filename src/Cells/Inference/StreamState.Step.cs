using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Steps.</content>
public sealed partial class StreamState
{
    // The input of a symbol without an embedding, zeros between calls.
    private readonly float[] _oneHot;

    /// <summary>Runs one step.</summary>
    /// <param name="x">[I] in.</param>
    /// <param name="y">
    /// [O] out; may be <paramref name="x"/>, which is read before y is written. A pooling gives the output that the sequence would have if
    /// it ended with this step.
    /// </param>
    /// <exception cref="ArgumentException">A length is wrong; nothing has been written then.</exception>
    /// <exception cref="InvalidOperationException">A layer needs whole sequences; the message names it.</exception>
    /// <remarks>Reads the packed weights once.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        PackedNetwork network = Network;
        Guard.Length(x, network.InputSize, "Network.InputSize");
        Guard.Length<float>(y, network.OutputSize, "Network.OutputSize");
        network.CheckStreams();
        network.Step(x, this, y);
    }

    /// <summary>
    /// Runs one step on a symbol: on its row in the embedding's table or, without an embedding, on 1 at the symbol and 0 elsewhere.
    /// </summary>
    /// <param name="symbol">From 0 to Network.Spec.Symbols − 1.</param>
    /// <param name="y">[O] out.</param>
    /// <exception cref="ArgumentException">The length is wrong; nothing has been written then.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such symbol; nothing has been written then.</exception>
    /// <exception cref="InvalidOperationException">A layer needs whole sequences; the message names it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step(int symbol, Span<float> y)
    {
        PackedNetwork network = Network;
        Guard.Length<float>(y, network.OutputSize, "Network.OutputSize");
        if ((uint)symbol >= (uint)network.Spec.Symbols)
        {
            ThrowSymbol(symbol);
        }

        network.CheckStreams();
        if (network.Spec.Embedding is null)
        {
            _oneHot[symbol] = 1;
            network.Step(_oneHot, this, y);
            _oneHot[symbol] = 0;
        }
        else
        {
            network.Step(network.EmbeddingRow(symbol), this, y);
        }
    }

    /// <summary>
    /// Runs steps, with the bits of as many calls of <see cref="Step(ReadOnlySpan{float}, Span{float})"/>. If the weights of the inputs are
    /// large, those of twelve steps at a time are one product, which reads these weights once.
    /// </summary>
    /// <param name="x">[T, I] in.</param>
    /// <param name="y">
    /// [T, O] out, may be <paramref name="x"/> itself if I = O; [O] if Spec.IsManyToOne, which shares no memory with x: the value behind
    /// the last step. If there are no steps, the state does not change and this value is that of the state.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, or y overlaps x in another way; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer needs whole sequences, and thus a workspace.</exception>
    /// <remarks>
    /// It pays if several steps are there at once and the weights that inputs are multiplied by exceed 32 KiB, in bf16 and int8 512 KiB,
    /// and are an eighth of all or more: then it takes 0.5 to 0.95 of the time of steps, 0.7 for an LSTM of 128 inputs and units, 0.5 for
    /// 512. Otherwise it takes the time of steps.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(ReadOnlySpan<float> x, Span<float> y)
    {
        PackedNetwork network = Network;
        int inputSize = network.InputSize, outputSize = network.OutputSize, steps = x.Length / inputSize;
        bool manyToOne = network.Spec.IsManyToOne;
        if (steps * inputSize != x.Length)
        {
            ThrowSteps(x.Length, nameof(x));
        }

        Guard.Length<float>(y, manyToOne ? outputSize : (long)steps * outputSize, "Spec.OutputLength(steps, 1)");
        if (manyToOne || inputSize != outputSize)
        {
            Guard.NoOverlap(y, x);
        }
        else
        {
            Guard.SameOrNoOverlap(y, x);
        }

        network.CheckStreams();
        network.Run(x, this, y);
    }

    /// <summary>Runs steps on zeros, whose outputs nobody wants. Allocates; for the start of a stream.</summary>
    internal void RunOnZeros(int steps)
    {
        const int Block = 64;
        float[] x = new float[Block * Network.InputSize];
        float[] y = new float[Block * Network.OutputSize];
        for (int left = steps; left > 0; left -= Block)
        {
            int count = Math.Min(Block, left);
            Run(x.AsSpan(0, count * Network.InputSize), y.AsSpan(0, Network.Spec.OutputLength(count, 1)));
        }
    }

    [DoesNotReturn]
    private void ThrowSteps(int length, string name) => throw new ArgumentException(
        $"'{name}' has {length} elements, expected a multiple of {Network.InputSize} = Network.InputSize.", name);

    [DoesNotReturn]
    private void ThrowSymbol(int symbol) => throw new ArgumentOutOfRangeException(
        nameof(symbol), $"'symbol' is {symbol}, expected 0 to {Network.Spec.Symbols - 1}.");
}
