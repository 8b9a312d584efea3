namespace SpanRnn.Perf;

/// <summary>
/// Instructions that the core issued per nanosecond: the most of the run, and the medians around quiet and around shared batches; the
/// numbers of all, quiet and shared batches.
/// </summary>
internal sealed record IssueRateFigure(double Best, double? Quiet, double? Shared, int Batches, int QuietBatches, int SharedBatches);
