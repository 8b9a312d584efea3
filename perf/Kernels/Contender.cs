namespace SpanRnn.Perf;

/// <summary>One way to do the work of a case.</summary>
/// <param name="Name">Name in tables and errors.</param>
/// <param name="Run">Does the work once.</param>
/// <param name="Result">Result of the last <paramref name="Run"/>; null for a limit, which computes nothing.</param>
internal sealed record Contender(string Name, Action Run, Func<double[]>? Result);
