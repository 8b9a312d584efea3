namespace SpanRnn.Tasks;

/// <summary>A figure with its 95 % interval.</summary>
/// <param name="Value">The figure; NaN if it is of nothing, such as the precision of a class that was never predicted.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public readonly record struct Estimate(double Value, double Low, double High);
