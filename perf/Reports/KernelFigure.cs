namespace SpanRnn.Perf;

/// <summary>
/// One kernel at one size: nanoseconds, billions of operations and of bytes per second, the limit, managed bytes per call, and the
/// largest error as a fraction of its tolerance.
/// </summary>
internal sealed record KernelFigure(
    string Kernel,
    string Size,
    string Precision,
    double Nanoseconds,
    double LeastNanoseconds,
    StateMedians ByState,
    double? Gigaflops,
    double? Gigabytes,
    LimitFigure? Limit,
    double Allocated,
    double Error,
    PeerFigure[] Peers);
