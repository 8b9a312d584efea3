using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Symbols as input.</content>
public sealed partial class PackedNetwork
{
    // The embedding's rows as they are: a step reads one of them.
    private readonly AlignedBuffer<float> _embedding;

    /// <summary>x ← each symbol's row of the embedding's table, or, without an embedding, 1 at the symbol and 0 elsewhere.</summary>
    /// <param name="symbols">
    /// [n] in, each from 0 to Spec.Symbols − 1: one of a step, one of each stream, or [T, N] of whole sequences with any symbol beyond
    /// their lengths.
    /// </param>
    /// <param name="x">[n, I] out: what <see cref="Step"/>, <see cref="StepMany"/> and <see cref="Run"/> take.</param>
    /// <exception cref="ArgumentException">
    /// The length of x is not symbols.Length × Spec.InputSize; nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A symbol is none of the network's; nothing has been written then.</exception>
    /// <remarks>Allocates nothing, takes no lock; for a real-time thread. Tables are float in every precision.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Embed(ReadOnlySpan<int> symbols, Span<float> x)
    {
        int size = Spec.InputSize;
        Guard.Length<float>(x, (long)symbols.Length * size, "symbols.Length × Spec.InputSize");
        for (int i = 0; i < symbols.Length; i++)
        {
            if ((uint)symbols[i] >= (uint)Spec.Symbols)
            {
                ThrowSymbol(i, symbols[i], Spec.Symbols, nameof(symbols));
            }
        }

        if (Spec.Embedding is null)
        {
            x.Clear();
        }

        for (int i = 0; i < symbols.Length; i++)
        {
            if (Spec.Embedding is null)
            {
                x[(i * size) + symbols[i]] = 1;
            }
            else
            {
                _embedding.Span.Slice(symbols[i] * size, size).CopyTo(x[(i * size)..]);
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowSymbol(int index, int symbol, int symbols, string name) => throw new ArgumentOutOfRangeException(
        name, $"'{name}' has {symbol} at index {index}, expected 0 to {symbols - 1}.");
}
