namespace SpanRnn.Perf;

/// <summary>
/// Reading that many bytes again and again from the first to the last, in GB/s. <paramref name="HugeMedian"/> and
/// <paramref name="HugeBest"/> are missing if the system has no huge pages.
/// </summary>
internal sealed record ReadFigure(
    string Level,
    long Bytes,
    double Median,
    double Best,
    StateMedians ByState,
    double? HugeMedian,
    double? HugeBest,
    StateMedians? HugeByState);
