namespace SpanRnn.Perf;

/// <summary>Multiply-adds at one width, in GFLOP/s (a multiply-add is two).</summary>
internal sealed record PeakFigure(int Bits, string Precision, double Median, double Best, StateMedians ByState);
