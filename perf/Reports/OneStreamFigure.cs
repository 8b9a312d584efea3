namespace SpanRnn.Perf;

/// <summary>One stream: nanoseconds per step by Step and by Run, the second over the first, and the bytes that a Run allocates.</summary>
internal sealed record OneStreamFigure(
    string Cell, string Size, string Precision, double Step, double Run, double Ratio, StateMedians ByState, double Allocated);
