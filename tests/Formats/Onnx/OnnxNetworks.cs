namespace SpanRnn.Tests;

/// <summary>Networks of every kind that ONNX has, with parameters.</summary>
internal static class OnnxNetworks
{
    public static IReadOnlyList<NetworkSpec> All { get; } =
    [
        .. Variants.All.Where(CanRead),
        .. Variants.Activations.Where(HasName).SelectMany(f => new NetworkSpec[]
        {
            new(2, new RecurrentLayer(CellKind.Elman, 4) { Activation = f, Bidirectional = true }),
            new(2, new RecurrentLayer(CellKind.Lstm, 4) { OutputActivation = f }),
        }),
        new(
            new EmbeddingSpec(7, 2),
            [new RecurrentLayer(CellKind.Lstm, 4), new RecurrentLayer(CellKind.GruResetAfter, 3)],
            new HeadSpec(2, HeadPosition.EveryStep)),
    ];

    public static float[] Parameters(NetworkSpec spec)
    {
        var random = new RandomSource(1);
        float[] parameters = new float[spec.Parameters.Length];
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            Initializers.Uniform(slot.In(parameters.AsSpan()), -0.7, 0.7, random);
        }

        return parameters;
    }

    /// <summary>True if recurrent operators of ONNX have the activation.</summary>
    public static bool HasName(ActivationSpec f) => f.Kind is not ActivationKind.HardStep and <= ActivationKind.Softplus;

    /// <summary>True if ONNX has an operator for the layer.</summary>
    public static bool HasOperator(LayerSpec layer) =>
        layer is DenseLayer dense
            ? dense.Activation.Kind != ActivationKind.HardStep
            : layer is RecurrentLayer { ProjectionSize: 0 } && Variants.ActivationsOf(layer).All(HasName);

    // The reader knows activations by one operator each.
    private static bool CanRead(NetworkSpec spec) =>
        spec.Layers.ToArray().All(HasOperator) && spec.Activations.ToArray().All(used => HasName(used.Activation));
}
