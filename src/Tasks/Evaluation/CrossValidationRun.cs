namespace SpanRnn.Tasks;

/// <summary>One run of a <see cref="CrossValidation"/>.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Fold">Index of the fold that it was evaluated on.</param>
/// <param name="Epochs">Epochs after which its parameters were the best.</param>
/// <param name="Evaluation">Figures on the fold.</param>
public sealed record CrossValidationRun(ulong Seed, int Fold, long Epochs, SequenceEvaluation Evaluation);
