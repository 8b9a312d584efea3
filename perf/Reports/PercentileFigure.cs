namespace SpanRnn.Perf;

/// <summary>
/// Nanoseconds that the given parts of all steps did not exceed; the other work of the process, its allocations, and the number of
/// collections.
/// </summary>
internal sealed record PercentileFigure(
    string Call,
    string Beside,
    int Steps,
    double P50,
    double P99,
    double P999,
    double Max,
    double GigabytesPerSecond,
    int Collections);
