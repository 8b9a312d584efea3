namespace SpanRnn.Cells.Equations;

/// <summary>The phase of a step that ends with the new h.</summary>
internal readonly struct LastPhase;
