namespace SpanRnn.Perf;

/// <summary>
/// The first call after a warm-up and the median of those that followed, nanoseconds in the median of several processes; their ratio in
/// the median and in the worst process; the methods that were still compiled in the first call, the most of any process.
/// </summary>
internal sealed record FirstCallFigure(string Call, double First, double Median, double Ratio, double WorstRatio, long Compiled);
