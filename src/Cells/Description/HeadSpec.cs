namespace SpanRnn;

/// <summary>
/// A dense layer on top: y = ν(φ(W·h + b)) [+ x] with φ = <see cref="Activation"/> and ν = <see cref="Normalization"/>. Without them y is
/// logits or values, which losses take.
/// </summary>
/// <param name="OutputSize">O, the number of outputs.</param>
/// <param name="Position">Which h it reads.</param>
public sealed record HeadSpec(int OutputSize, HeadPosition Position)
{
    /// <summary>Whether there is a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>φ, of each output for itself.</summary>
    public ActivationSpec Activation { get; init; } = ActivationKind.Identity;

    /// <summary>ν, over the O outputs of a step, behind φ.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>
    /// Of a head on every step: how many numbers of the network's input are added to the outputs, the first ones to the first ones, behind
    /// φ and ν, so that the layers learn a difference (audio effects have it); 0 for none.
    /// </summary>
    public int Skip { get; init; }
}
