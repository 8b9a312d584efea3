namespace SpanRnn.Perf;

/// <summary>
/// The first call after a warm-up and the median of those that followed, nanoseconds in the median of several processes; their ratio in
/// the median and in the worst process.
/// </summary>
internal sealed record FirstCallFigure(string Call, double First, double Median, double Ratio, double WorstRatio);
