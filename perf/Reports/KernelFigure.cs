namespace SpanRnn.Perf;

/// <summary>
/// One kernel at one size: nanoseconds, billions of operations and of bytes per second, how close to its limit, managed bytes
/// per call, the largest error as a part of what is allowed.
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
