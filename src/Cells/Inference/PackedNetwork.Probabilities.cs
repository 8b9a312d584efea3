using System.Diagnostics.CodeAnalysis;
using SpanRnn.Cells.Inference;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Probabilities of a classifier.</content>
public sealed partial class PackedNetwork
{
    private readonly ClassifierOutputs _outputs;

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
    /// The outputs are no logits: the network ends in another activation or has no dense layer above its recurrent ones.
    /// </exception>
    public void Probabilities(ReadOnlySpan<float> y, Span<float> probabilities)
    {
        int rows = y.Length / OutputSize;
        Guard.Length(y, (long)rows * OutputSize, "rows × OutputSize");
        Guard.Length<float>(probabilities, y.Length, "length of y");
        Guard.SameOrNoOverlap(probabilities, y);
        switch (_outputs)
        {
            case ClassifierOutputs.Probabilities:
                y.CopyTo(probabilities);
                break;
            case ClassifierOutputs.LogProbabilities:
                Activations.Apply(ActivationKind.Exp, y, probabilities);
                break;
            case ClassifierOutputs.Logits:
                FromLogits(rows, y, probabilities);
                break;
            default:
                ThrowNoLogits();
                break;
        }
    }

    // What the rows of the layers below that index are to a classifier.
    private static ClassifierOutputs OutputsOf(NetworkSpec spec, int end)
    {
        if (end == 0)
        {
            return ClassifierOutputs.None;
        }

        LayerSpec layer = spec.Layers[end - 1];
        switch (layer)
        {
            case DenseLayer dense:
                return Of(dense.Activation, ClassifierOutputs.Logits);
            case ActivationLayer { Normalization: Normalization.Softmax }:
                return ClassifierOutputs.Probabilities;
            case ActivationLayer { Normalization: Normalization.LogSoftmax }:
                return ClassifierOutputs.LogProbabilities;
            case ActivationLayer activation:
                return Of(activation.Activation, OutputsOf(spec, end - 1));

            // One of the rows below.
            case StepLayer or PoolLayer { Kind: Pooling.Last }:
                return OutputsOf(spec, end - 1);

            // A mean of rows: that of logarithms is no logarithm of a probability.
            case AttentionLayer or PoolLayer { Kind: Pooling.Mean }:
                return OutputsOf(spec, end - 1) is var mean and not ClassifierOutputs.LogProbabilities ? mean : ClassifierOutputs.None;

            // Other numbers than those below: logits stay logits.
            case PoolLayer or AffineLayer or NormalizationLayer or SkipLayer:
                return OutputsOf(spec, end - 1) == ClassifierOutputs.Logits ? ClassifierOutputs.Logits : ClassifierOutputs.None;
            default:
                return ClassifierOutputs.None;
        }

        static ClassifierOutputs Of(ActivationSpec activation, ClassifierOutputs below) => activation.Kind switch
        {
            ActivationKind.Identity => below,
            ActivationKind.Sigmoid => ClassifierOutputs.Probabilities,
            _ => ClassifierOutputs.None,
        };
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
    private static void ThrowNoLogits() => throw new InvalidOperationException(
        "The outputs are those of a recurrent layer or of an activation of its own, expected logits, as a classifier's dense layer gives "
        + "them, or probabilities.");
}
