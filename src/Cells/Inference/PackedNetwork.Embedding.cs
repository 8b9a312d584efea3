using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Symbols as input.</content>
public sealed partial class PackedNetwork
{
    // The rows of the embedding's table, not packed: a step reads one of them.
    private readonly AlignedBuffer<float> _embedding;

    /// <summary>x ← the row of each symbol in the embedding's table. Without an embedding: 1 at the symbol and 0 elsewhere.</summary>
    /// <param name="symbols">
    /// [n] in, each from 0 to Spec.Symbols − 1: one symbol for a step, one for each stream, or [T, N] for sequences. The padding of
    /// sequences may be any of these symbols.
    /// </param>
    /// <param name="x">[n, I] out: the input that <see cref="StepMany"/> and Run take.</param>
    /// <exception cref="ArgumentException">
    /// The length of x is not symbols.Length × Spec.InputSize; nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A symbol is outside 0 … Spec.Symbols − 1; nothing has been written then.</exception>
    /// <remarks>Allocates nothing and takes no lock; for a real-time thread. The table is float in every precision.</remarks>
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
                EmbeddingRow(symbols[i]).CopyTo(x[(i * size)..]);
            }
        }
    }

    /// <summary>The row of a symbol in the embedding's table, [I].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<float> EmbeddingRow(int symbol) => _embedding.Span.Slice(symbol * InputSize, InputSize);

    [DoesNotReturn]
    private static void ThrowSymbol(int index, int symbol, int symbols, string name) => throw new ArgumentOutOfRangeException(
        name, $"'{name}' has {symbol} at index {index}, expected 0 to {symbols - 1}.");
}
