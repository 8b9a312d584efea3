namespace SpanRnn.Cli.Models;

/// <summary>Places where a network has no derivative.</summary>
internal static class Derivatives
{
    /// <summary>Refuses a network with an activation that has no derivative to train with.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="name">Its file as messages call it.</param>
    public static void Expect(NetworkSpec spec, string name)
    {
        if (spec.Activations.ToArray().Any(used => used.Activation.Kind == ActivationKind.HardStep))
        {
            throw new ModelFormatException(name, "the nonlinearity is a hard step, expected one that has a derivative.");
        }
    }

    /// <summary>Returns true for a network with kinks, at which the slopes of both sides differ.</summary>
    public static bool HaveKinks(NetworkSpec spec) =>
        spec.Activations.ToArray().Any(used => HasKink(used.Activation))
        || spec.Layers.ToArray().Any(layer => layer is PReluLayer
            or PoolLayer { Kind: Pooling.Maximum }
            or RecurrentLayer { Clip: < double.PositiveInfinity });

    private static bool HasKink(ActivationSpec f) => f.Kind
        is ActivationKind.Relu
        or ActivationKind.LeakyRelu
        or ActivationKind.ThresholdedRelu
        or ActivationKind.HardSigmoid
        or ActivationKind.Elu
        or ActivationKind.Clip
        or ActivationKind.Selu
        or ActivationKind.HardSwish;
}
