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
            new RecurrentLayer(CellKind.Lstm, 4),
            new RecurrentLayer(CellKind.GruResetAfter, 3),
            new DenseLayer(2)),
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

    /// <summary>True if ONNX has operators for the layer.</summary>
    public static bool HasOperator(LayerSpec layer) => layer is RecurrentLayer recurrent
        ? recurrent.ProjectionSize == 0 && Variants.ActivationsOf(layer).All(HasName)
        : !Variants.ActivationsOf(layer).Contains(ActivationKind.HardStep);

    // The reader knows activations by one operator each, and of a skip only the sum with the input on top of recurrent layers.
    private static bool CanRead(NetworkSpec spec)
    {
        LayerSpec[] layers = spec.Layers.ToArray();
        return layers.All(HasOperator)
            && spec.Activations.ToArray().All(used => HasName(used.Activation))
            && layers.Any(layer => layer is RecurrentLayer)
            && layers[..^1].All(IsKnown)
            && (IsKnown(layers[^1]) || layers[^1] is SkipLayer { From: 0, Scale: SkipScale.None });
    }

    private static bool IsKnown(LayerSpec layer) => layer is RecurrentLayer or DenseLayer or ActivationLayer or FinalStateLayer
        or AffineLayer { Scale: false } or PoolLayer { Kind: Pooling.Last };
}
