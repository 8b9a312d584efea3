namespace SpanRnn.Cells.Equations;

/// <summary>f = 1 − i (Greff et al. 2017).</summary>
internal readonly struct Coupled;
