namespace SpanRnn.Cells;

/// <summary>A dense layer on top: y = W·h + b, logits or values; activations and losses on it belong to the caller.</summary>
/// <param name="OutputSize">O, the number of outputs.</param>
/// <param name="Position">Which h it reads.</param>
public sealed record HeadSpec(int OutputSize, HeadPosition Position)
{
    /// <summary>Whether there is a bias.</summary>
    public bool Bias { get; init; } = true;
}
