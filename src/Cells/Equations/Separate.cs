namespace SpanRnn.Cells.Equations;

/// <summary>f is a gate of its own.</summary>
internal readonly struct Separate;
