namespace SpanRnn.Cells;

/// <content>Symbols as input, and states that sequences start from.</content>
public sealed partial class Network<T>
{
    /// <summary>x ← each live symbol's row of the embedding's table, or, without an embedding, 1 at the symbol and 0 elsewhere.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="layout">Steps T, batch N and lengths.</param>
    /// <param name="symbols">[T, N] in, each from 0 to Spec.Symbols − 1; beyond a sequence's length not read.</param>
    /// <param name="x">[T, N, I] out; zeros beyond a sequence's length.</param>
    public void Embed(ReadOnlySpan<T> parameters, SequenceLayout layout, ReadOnlySpan<int> symbols, Span<T> x) =>
        throw new NotImplementedException();

    /// <summary>Adds to the gradient of the embedding's table what ∂L/∂x says; nothing without an embedding.</summary>
    /// <param name="layout">Steps T, batch N and lengths.</param>
    /// <param name="symbols">[T, N] in.</param>
    /// <param name="dx">[T, N, I] in.</param>
    /// <param name="gradients">[Spec.Parameters.Length] added to.</param>
    public void AddEmbeddingGradients(
        SequenceLayout layout, ReadOnlySpan<int> symbols, ReadOnlySpan<T> dx, Span<T> gradients) => throw new NotImplementedException();

    /// <summary>state ← what sequences start from: trained initial states where a layer has them, zeros elsewhere.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="batch">N.</param>
    /// <param name="state">[StateLength(N)] out.</param>
    public void Start(ReadOnlySpan<T> parameters, int batch, Span<T> state) => throw new NotImplementedException();

    /// <summary>Adds to the gradients of trained initial states what Backward left of ∂L/∂(initial state), summed over the batch.</summary>
    /// <param name="batch">N.</param>
    /// <param name="dState">[StateLength(N)] in.</param>
    /// <param name="gradients">[Spec.Parameters.Length] added to.</param>
    public void AddStartGradients(int batch, ReadOnlySpan<T> dState, Span<T> gradients) => throw new NotImplementedException();
}
