namespace SpanRnn.Perf;

/// <summary>
/// Instructions that the core issued for each nanosecond: the most of the run, and the medians around quiet and around shared batches;
/// how many batches there were of all, quiet and shared.
/// </summary>
internal sealed record IssueRateFigure(double Best, double? Quiet, double? Shared, int Batches, int QuietBatches, int SharedBatches);
