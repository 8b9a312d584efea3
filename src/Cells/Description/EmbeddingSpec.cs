namespace SpanRnn;

/// <summary>A table in front of the first layer: each symbol has a row of trained numbers.</summary>
/// <param name="Symbols">V, how many symbols there are: 0 … V − 1.</param>
/// <param name="Size">Numbers per symbol: the input size of the first layer.</param>
public sealed record EmbeddingSpec(int Symbols, int Size);
