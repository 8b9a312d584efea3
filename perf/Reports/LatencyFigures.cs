namespace SpanRnn.Perf;

/// <summary>First calls, the slowest steps, and steps that may not allocate.</summary>
internal sealed record LatencyFigures(FirstCallFigure[] FirstCalls, PercentileFigure[] Percentiles, SteadyFigure Steady);
