namespace SpanRnn.Perf;

/// <summary>One way to do the step of a case.</summary>
/// <param name="Name">Name in tables and errors.</param>
/// <param name="Run">Does the step that many times.</param>
/// <param name="Result">Result of one step; it is checked before a burst, so that nothing wrong is timed.</param>
internal sealed record TrainingContender(string Name, Burst Run, Func<TrainingResult> Result);
