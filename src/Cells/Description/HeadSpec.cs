namespace SpanRnn;

/// <summary>
/// A dense layer on top: y = ν(φ(W·h + b)), where φ is <see cref="Activation"/> and ν is <see cref="Normalization"/>. With a
/// <see cref="Skip"/>, inputs are added to y. Without φ and ν, y is logits or values, as losses take them;
/// <see cref="Activations.Softmax"/> makes logits probabilities, and <see cref="Activations.ArgMax"/> is the class.
/// </summary>
/// <param name="OutputSize">O, the number of outputs.</param>
/// <param name="Position">The h that the head reads.</param>
public sealed record HeadSpec(int OutputSize, HeadPosition Position)
{
    /// <summary>True if there is a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>φ, applied to each output on its own.</summary>
    public ActivationSpec Activation { get; init; } = ActivationKind.Identity;

    /// <summary>ν, applied to the O outputs of a step together, after φ.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>
    /// Number of the network's inputs that are added to the outputs after φ and ν: input i to output i, from the first one on. The layers
    /// then learn a difference, as in audio effects. 0 for none. Only a head on every step can have it.
    /// </summary>
    public int Skip { get; init; }
}
