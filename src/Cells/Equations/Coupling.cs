namespace SpanRnn.Cells.Lstm;

/// <summary>f is a gate of its own.</summary>
internal readonly struct Separate;

/// <summary>f = 1 − i (Greff et al. 2017).</summary>
internal readonly struct Coupled;
