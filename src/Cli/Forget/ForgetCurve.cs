namespace SpanRnn.Cli.Forget;

/// <summary>Norms of the gradient by the distance from the last step.</summary>
/// <param name="Name">The network.</param>
/// <param name="Before">Before training.</param>
/// <param name="After">After it.</param>
internal sealed record ForgetCurve(string Name, double[] Before, double[] After);
