namespace SpanRnn.Tasks;

/// <summary>The main figure of a baseline on the data of a <see cref="SequenceEvaluation"/>.</summary>
/// <param name="Name">The baseline: majority, mean, or an n-gram.</param>
/// <param name="Figure">Its accuracy, bits per symbol or root mean square error, whichever the task has.</param>
public readonly record struct BaselineFigure(string Name, Estimate Figure);
