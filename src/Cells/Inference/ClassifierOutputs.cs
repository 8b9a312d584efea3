namespace SpanRnn.Cells.Inference;

/// <summary>Meaning of the outputs of a network to a classifier.</summary>
internal enum ClassifierOutputs
{
    /// <summary>Nothing that probabilities can be made of.</summary>
    None,

    /// <summary>Numbers that the sigmoid or the softmax turns into probabilities.</summary>
    Logits,

    /// <summary>Probabilities.</summary>
    Probabilities,

    /// <summary>Logarithms of probabilities.</summary>
    LogProbabilities,
}
