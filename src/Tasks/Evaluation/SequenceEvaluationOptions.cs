namespace SpanRnn.Tasks;

/// <summary>Choices of a <see cref="SequenceEvaluation"/>.</summary>
public sealed record SequenceEvaluationOptions
{
    /// <summary>
    /// Sequences that baselines learn from, best those that the model was trained on; null: each tenth of the evaluated ones is predicted
    /// by baselines that learned from the other nine.
    /// </summary>
    public SequenceFile? Training { get; init; }

    /// <summary>
    /// Where the next symbol is predicted: the text behind which each sequence has an answer, such as "=" in 12+9=21; null for none.
    /// </summary>
    public string? AnswerAfter { get; init; }

    /// <summary>Seed of the intervals.</summary>
    public ulong Seed { get; init; }
}
