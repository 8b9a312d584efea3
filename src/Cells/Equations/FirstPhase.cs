namespace SpanRnn.Cells.Equations;

/// <summary>The phase of a step that the rest of the step waits for.</summary>
internal readonly struct FirstPhase;
