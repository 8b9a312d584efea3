namespace SpanRnn.Tasks;

/// <summary>One training of a <see cref="CellComparison"/>.</summary>
/// <param name="Network">The network; its scores and times are of later.</param>
/// <param name="Seed">Seed of the training.</param>
/// <param name="Evaluation">Figures on the part that was held out, without baselines.</param>
/// <param name="Time">Time of the training.</param>
/// <param name="Done">Trainings so far, with this one.</param>
/// <param name="All">Trainings in all.</param>
public sealed record CellComparisonRun(
    ComparedNetwork Network, ulong Seed, SequenceEvaluation Evaluation, TimeSpan Time, int Done, int All);
