namespace SpanRnn.Perf;

/// <summary>One who does the step of a case.</summary>
/// <param name="Name">Who.</param>
/// <param name="Run">Does it so many times.</param>
/// <param name="Result">What the last one computed; before a burst, so that nothing is timed that is wrong.</param>
internal sealed record TrainingContender(string Name, Burst Run, Func<TrainingResult> Result);
