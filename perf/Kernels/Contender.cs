namespace SpanRnn.Perf;

/// <summary>One way to do what a case does.</summary>
/// <param name="Name">Who.</param>
/// <param name="Run">Does it once.</param>
/// <param name="Result">What <paramref name="Run"/> computed last; null for what computes nothing and is there to be compared with.</param>
internal sealed record Contender(string Name, Action Run, Func<double[]>? Result);
