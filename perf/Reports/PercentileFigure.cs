namespace SpanRnn.Perf;

/// <summary>
/// The nanoseconds that so many of all steps kept to; what else ran, what that allocated, and how often memory was collected.
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
