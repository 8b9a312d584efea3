namespace SpanRnn.Cells.Equations;

/// <summary>An LSTM without a forget gate: f = 1 − i (Greff et al. 2017).</summary>
internal readonly struct Coupled;
