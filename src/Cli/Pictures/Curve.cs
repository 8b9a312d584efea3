namespace SpanRnn.Cli.Pictures;

/// <summary>One curve of a picture.</summary>
/// <param name="Name">Its name in the legend; curves of one name are there once.</param>
/// <param name="First">The place of its first value; each further one is 1 behind.</param>
/// <param name="Values">The values; a gap where one is NaN.</param>
/// <param name="Color">Index of its color.</param>
/// <param name="IsDashed">True for a dashed line, which has no place in the legend.</param>
internal sealed record Curve(string Name, double First, IReadOnlyList<double> Values, int Color, bool IsDashed = false);
