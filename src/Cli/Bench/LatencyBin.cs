namespace SpanRnn.Cli.Bench;

/// <summary>How many steps took from <paramref name="FromNanoseconds"/> to less than <paramref name="ToNanoseconds"/>.</summary>
internal sealed record LatencyBin(double FromNanoseconds, double ToNanoseconds, int Count);
