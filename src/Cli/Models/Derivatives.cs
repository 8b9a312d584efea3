namespace SpanRnn.Cli.Models;

/// <summary>Places where a network has no derivative.</summary>
internal static class Derivatives
{
    /// <summary>Refuses a model with an activation that has no derivative to train with.</summary>
    public static void Expect(RecurrentModel model)
    {
        if (Activations(model.Spec).Any(activation => activation.Kind == ActivationKind.HardStep))
        {
            throw new ModelFormatException(model.Name, "the nonlinearity is a hard step, expected one that has a derivative.");
        }
    }

    /// <summary>Returns true for a network with kinks, at which the slopes of both sides differ.</summary>
    public static bool HaveKinks(NetworkSpec spec) =>
        Activations(spec).Any(HasKink) || spec.Layers.ToArray().Any(layer => double.IsFinite(layer.Clip));

    private static bool HasKink(ActivationSpec f) => f.Kind
        is ActivationKind.Relu
        or ActivationKind.LeakyRelu
        or ActivationKind.ThresholdedRelu
        or ActivationKind.HardSigmoid
        or ActivationKind.Elu;

    // Of all layers and directions, and of the head.
    private static IEnumerable<ActivationSpec> Activations(NetworkSpec spec)
    {
        foreach (LayerSpec layer in spec.Layers.ToArray())
        {
            yield return layer.Activation;
            yield return layer.GateActivation;
            yield return layer.OutputActivation;
            if (layer.ReverseActivations is { } reverse)
            {
                yield return reverse.Activation;
                yield return reverse.GateActivation;
                yield return reverse.OutputActivation;
            }
        }

        if (spec.Head is { } head)
        {
            yield return head.Activation;
        }
    }
}
