namespace SpanRnn.Tasks;

/// <summary>One sequence of a file, as it is written there.</summary>
/// <param name="Identifier">Name of the sequence; null if the file has none.</param>
/// <param name="Sequence">The sequence, not empty.</param>
/// <param name="Label">Text of the label; null if the file has no labels, or an empty one here.</param>
/// <param name="Line">Number of the line where the record begins; the first line is 1.</param>
public sealed record SequenceRecord(string? Identifier, string Sequence, string? Label, int Line);
