using SpanRnn.Cells.Training;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;

namespace SpanRnn;

/// <content>Symbols as input.</content>
public sealed partial class Network<T>
{
    /// <summary>x ← each live symbol's row of the embedding's table; without an embedding, 1 at the symbol and 0 elsewhere.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="layout">Steps T, batch N and lengths.</param>
    /// <param name="symbols">[T, N] in, each from 0 to Spec.Symbols − 1; not read beyond a sequence's length.</param>
    /// <param name="x">[T, N, I] out; zeros beyond a sequence's length.</param>
    /// <exception cref="ArgumentException">A length is not the one asked for, or x shares memory with the parameters.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A symbol is not one of the network's; nothing has been written then.</exception>
    /// <remarks>Allocates nothing.</remarks>
    public void Embed(ReadOnlySpan<T> parameters, SequenceLayout layout, ReadOnlySpan<int> symbols, Span<T> x)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length<T>(x, Spec.InputLength(layout.Steps, layout.Batch), "Spec.InputLength(layout.Steps, layout.Batch)");
        Guard.NoOverlap(x, parameters);
        CheckSymbols(layout, symbols);
        ReadOnlySpan<T> table = Spec.EmbeddingWeights is { } slot ? slot.In(parameters) : default;
        int size = Spec.InputSize;
        x.Clear();
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sortedIndex = 0; sortedIndex < layout.Live(step); sortedIndex++)
            {
                int at = (step * layout.Batch) + layout.Sequence(sortedIndex);
                Span<T> row = x.Slice(at * size, size);
                if (Spec.Embedding is null)
                {
                    row[symbols[at]] = T.One;
                }
                else
                {
                    table.Slice(symbols[at] * size, size).CopyTo(row);
                }
            }
        }
    }

    /// <summary>Adds ∂L/∂x to the gradient of the embedding's table; does nothing without an embedding.</summary>
    /// <param name="layout">Steps T, batch N and lengths.</param>
    /// <param name="symbols">[T, N] in, each from 0 to Spec.Symbols − 1; not read beyond a sequence's length.</param>
    /// <param name="dx">[T, N, I] in, ∂L/∂x as <see cref="Backward"/> left it; not read beyond a sequence's length.</param>
    /// <param name="gradients">[Spec.Parameters.Length] added to, step by step and within a step the longest sequence first.</param>
    /// <exception cref="ArgumentException">A length is not the one asked for, or gradients shares memory with dx.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A symbol is not one of the network's; nothing has been written then.</exception>
    /// <remarks>Allocates nothing.</remarks>
    public void AddEmbeddingGradients(SequenceLayout layout, ReadOnlySpan<int> symbols, ReadOnlySpan<T> dx, Span<T> gradients)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(dx, Spec.InputLength(layout.Steps, layout.Batch), "Spec.InputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(gradients, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.NoOverlap(gradients, dx);
        CheckSymbols(layout, symbols);
        if (Spec.EmbeddingWeights is not { } slot)
        {
            return;
        }

        Span<T> table = slot.In(gradients);
        int size = Spec.InputSize;
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sortedIndex = 0; sortedIndex < layout.Live(step); sortedIndex++)
            {
                int at = (step * layout.Batch) + layout.Sequence(sortedIndex);
                MatrixProduct.Add(
                    new(dx.Slice(at * size, size), 1, size), new MatrixView<T>(table.Slice(symbols[at] * size, size), 1, size));
            }
        }
    }

    /// <summary>Throws unless every symbol that is read is in the table.</summary>
    private void CheckSymbols(SequenceLayout layout, ReadOnlySpan<int> symbols)
    {
        Guard.Length(symbols, layout.Steps * layout.Batch, "layout.Steps × layout.Batch");
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sortedIndex = 0; sortedIndex < layout.Live(step); sortedIndex++)
            {
                int sequence = layout.Sequence(sortedIndex);
                SymbolRange.Check(symbols[(step * layout.Batch) + sequence], Spec.Symbols, sequence, step);
            }
        }
    }
}
