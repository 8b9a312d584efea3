namespace SpanRnn.Tests;

/// <summary>Networks of every kind that ONNX has, with parameters.</summary>
internal static class OnnxNetworks
{
    public static IReadOnlyList<NetworkSpec> All { get; } =
    [
        .. Variants.All.Where(spec => !spec.Layers.ToArray().Any(HasNoOperator)),
        .. Variants.Activations.Where(f => f.Kind != ActivationKind.HardStep).SelectMany(f => new NetworkSpec[]
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

    /// <summary>True if no ONNX operator is the layer.</summary>
    public static bool HasNoOperator(LayerSpec layer) =>
        layer is RecurrentLayer { ProjectionSize: > 0 } || Variants.ActivationsOf(layer).Contains(ActivationKind.HardStep);
}
