namespace SpanRnn;

/// <summary>A table in front of the first layer: each symbol has a row of trained numbers.</summary>
/// <param name="Symbols">V, the number of symbols; a symbol is 0 … V − 1.</param>
/// <param name="Size">Numbers per symbol, which is the input size of the first layer.</param>
public sealed record EmbeddingSpec(int Symbols, int Size);
