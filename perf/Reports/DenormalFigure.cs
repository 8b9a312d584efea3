namespace SpanRnn.Perf;

/// <summary>The same work on ordinary and on denormal numbers: nanoseconds of both, and the second over the first.</summary>
internal sealed record DenormalFigure(
    string Work, string Precision, double Ordinary, double Denormal, double Ratio, StateMedians ByState);
