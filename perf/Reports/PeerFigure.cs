namespace SpanRnn.Perf;

/// <summary>
/// A peer beside one kernel: nanoseconds, its time over the kernel's, and managed bytes per call; all missing if it is not installed.
/// </summary>
internal sealed record PeerFigure(
    string Name, double? Nanoseconds, double? LeastNanoseconds, double? Ratio, StateMedians? ByState, double? Allocated);
