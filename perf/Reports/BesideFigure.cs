namespace SpanRnn.Perf;

/// <summary>
/// What was timed in turn with a call: nanoseconds, and how many times as long as the call, in the median of the turns and best over best.
/// </summary>
internal sealed record BesideFigure(double Nanoseconds, double LeastNanoseconds, double Ratio, double BestRatio);
