namespace SpanRnn.Perf;

/// <summary>
/// A peer beside one kernel: nanoseconds, how many times as long as the kernel, and managed bytes per call; none where it is not installed.
/// </summary>
internal sealed record PeerFigure(
    string Name, double? Nanoseconds, double? LeastNanoseconds, double? Ratio, StateMedians? ByState, double? Allocated);
