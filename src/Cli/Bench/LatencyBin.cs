namespace SpanRnn.Cli.Bench;

/// <summary>Count of the steps from <paramref name="FromNanoseconds"/> to below <paramref name="ToNanoseconds"/>.</summary>
internal sealed record LatencyBin(double FromNanoseconds, double ToNanoseconds, int Count);
