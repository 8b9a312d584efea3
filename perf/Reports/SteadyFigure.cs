namespace SpanRnn.Perf;

/// <summary>
/// Many steps: nanoseconds of each; bytes that their thread allocated and that the whole process allocated; collections during them.
/// </summary>
internal sealed record SteadyFigure(string Call, int Steps, double Nanoseconds, long Allocated, long AllocatedByAll, int Collections);
