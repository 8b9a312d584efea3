using System.Diagnostics.CodeAnalysis;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Probabilities of a classifier.</content>
public sealed partial class PackedNetwork
{
    /// <summary>
    /// Turns the outputs of a classifier into probabilities. Logits go through the sigmoid if O = 1, the probability of "yes", and through
    /// the softmax if O > 1, the probabilities of classes of which one is right. Outputs of a network that ends in the sigmoid or the
    /// softmax are probabilities already, and of log-softmax their exponentials are.
    /// </summary>
    /// <remarks>
    /// The class is <see cref="Activations.ArgMax"/> of either. Allocates nothing and takes no lock; for a real-time thread.
    /// </remarks>
    /// <param name="y">[n, O] in, outputs of n steps or sequences.</param>
    /// <param name="probabilities">[n, O] out; may be <paramref name="y"/>.</param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, or the two overlap without being the same; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network ends in another activation or in a recurrent layer, and its outputs are no logits.
    /// </exception>
    public void Probabilities(ReadOnlySpan<float> y, Span<float> probabilities)
    {
        int rows = y.Length / OutputSize;
        Guard.Length(y, (long)rows * OutputSize, "rows × OutputSize");
        Guard.Length<float>(probabilities, y.Length, "length of y");
        Guard.SameOrNoOverlap(probabilities, y);
        switch (Spec.Layers[^1])
        {
            case DenseLayer { Activation.Kind: ActivationKind.Sigmoid }:
            case ActivationLayer { Activation.Kind: ActivationKind.Sigmoid, Normalization: Normalization.None }:
            case ActivationLayer { Normalization: Normalization.Softmax }:
                y.CopyTo(probabilities);
                break;
            case ActivationLayer { Normalization: Normalization.LogSoftmax }:
                Activations.Apply(ActivationKind.Exp, y, probabilities);
                break;
            case DenseLayer { Activation.Kind: not ActivationKind.Identity }:
            case ActivationLayer { Activation.Kind: not ActivationKind.Identity }:
            case RecurrentLayer:
                ThrowNoLogits();
                break;
            default:
                FromLogits(rows, y, probabilities);
                break;
        }
    }

    private void FromLogits(int rows, ReadOnlySpan<float> y, Span<float> probabilities)
    {
        if (OutputSize == 1)
        {
            Activations.Apply(ActivationKind.Sigmoid, y, probabilities);
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            Activations.Softmax(y.Slice(row * OutputSize, OutputSize), probabilities.Slice(row * OutputSize, OutputSize));
        }
    }

    [DoesNotReturn]
    private void ThrowNoLogits() => throw new InvalidOperationException(
        $"The network ends in {(Spec.Layers[^1] is RecurrentLayer ? "a recurrent layer" : "an activation of its own")}, expected logits, "
        + "as a classifier's dense layer gives them, or probabilities.");
}
