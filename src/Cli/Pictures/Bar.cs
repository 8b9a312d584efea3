using SpanRnn.Tasks;

namespace SpanRnn.Cli.Pictures;

/// <summary>One bar with its interval.</summary>
/// <param name="Name">The name beside it.</param>
/// <param name="Figure">How long it is, and its interval; none if both ends are the same or NaN.</param>
/// <param name="Text">The figure as text.</param>
/// <param name="IsMain">True for what the others are compared with.</param>
internal sealed record Bar(string Name, Estimate Figure, string Text, bool IsMain);
