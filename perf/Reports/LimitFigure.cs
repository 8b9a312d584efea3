namespace SpanRnn.Perf;

/// <summary>
/// A limit as measured beside one kernel, and the fraction of it that the kernel reached: median of the turns, and best against best.
/// </summary>
internal sealed record LimitFigure(
    string Name, double? Gigaflops, double? Gigabytes, double Fraction, double BestFraction, StateMedians ByState);
