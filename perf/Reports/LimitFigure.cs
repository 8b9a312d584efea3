namespace SpanRnn.Perf;

/// <summary>
/// A limit as it was beside one kernel, and the part of it that the kernel reached: in the median of the turns, and best against best.
/// </summary>
internal sealed record LimitFigure(
    string Name, double? Gigaflops, double? Gigabytes, double Fraction, double BestFraction, StateMedians ByState);
