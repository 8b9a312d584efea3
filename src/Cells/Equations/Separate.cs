namespace SpanRnn.Cells.Equations;

/// <summary>An LSTM whose f is a gate of its own.</summary>
internal readonly struct Separate;
