namespace SpanRnn;

/// <summary>Losses to train a network with; each is the mean over the counted steps.</summary>
public enum Loss
{
    /// <summary>
    /// log Σ e^y − y_label: one label of O per output (labels). The y of a trained network are logits; see
    /// <see cref="Activations.Softmax"/> for probabilities and <see cref="Activations.ArgMax"/> for the class.
    /// </summary>
    SoftmaxCrossEntropy,

    /// <summary>Binary cross-entropy of σ(y) for each number of an output (targets from 0 to 1).</summary>
    BinaryCrossEntropy,

    /// <summary>(y − t)² for each number of an output (targets).</summary>
    MeanSquaredError,
}
