namespace SpanRnn.Perf;

/// <summary>
/// The first call after a warm-up, and the median of those that followed: nanoseconds as the median of several processes; their ratio as
/// the median and in the worst process; the most methods that any process still compiled in its first call.
/// </summary>
internal sealed record FirstCallFigure(string Call, double First, double Median, double Ratio, double WorstRatio, long Compiled);
