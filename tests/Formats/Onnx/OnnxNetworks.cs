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
        .. Chains,
    ];

    // Layers of every kind, each where the reader must find it among others.
    private static IEnumerable<NetworkSpec> Chains
    {
        get
        {
            RecurrentLayer lstm = new(CellKind.Lstm, 4), both = new(CellKind.GruResetAfter, 4) { Bidirectional = true };
            LayerSpec[] rows =
            [
                new AffineLayer(), new AffineLayer { Shift = false }, new PReluLayer(),
                new NormalizationLayer(FeatureNormalization.Layer), new NormalizationLayer(FeatureNormalization.RootMeanSquare),
                new NormalizationLayer(FeatureNormalization.Layer) { Scale = false, Shift = false },
                .. Variants.Activations.Where(f => f.Kind is not (ActivationKind.HardStep or ActivationKind.Identity))
                    .Select(f => new ActivationLayer(f)),
                new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.LogSoftmax },
            ];
            LayerSpec[] pools =
            [
                new PoolLayer(Pooling.Mean), new PoolLayer(Pooling.Maximum), new PoolLayer(Pooling.Sum), new PoolLayer(Pooling.Last),
                new StepLayer(0), new FinalStateLayer(),
            ];
            foreach (LayerSpec row in rows)
            {
                yield return new(3, row, lstm, new DenseLayer(2));
                yield return new(3, lstm, row, lstm, row);
                yield return new(3, new DenseLayer(5), row, both, new FinalStateLayer(), row);
            }

            foreach (LayerSpec pool in pools)
            {
                yield return new(3, both, pool);
                yield return new(3, both, pool, new DenseLayer(2) { Activation = ActivationKind.Sigmoid });
                yield return new(3, lstm, new DenseLayer(5) { Activation = ActivationKind.Gelu }, lstm, pool, new AffineLayer());
            }

            foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
            {
                yield return new(3, both, new MergeLayer(merge), lstm, new DenseLayer(2));
                yield return new(3, both, new FinalStateLayer(), new MergeLayer(merge), new DenseLayer(2));
            }

            foreach (SkipScale scale in Enum.GetValues<SkipScale>())
            {
                yield return new(4, lstm, new SkipLayer(0) { Scale = scale }, lstm, new SkipLayer(2) { Scale = scale }, new DenseLayer(2));
                yield return new(4, lstm, new DenseLayer(4), new SkipLayer(1) { Scale = scale }, new ActivationLayer(ActivationKind.Tanh));
                yield return new(3, lstm, new DenseLayer(5), new SkipLayer(0) { Scale = scale, Features = 2 });
                yield return new(3, lstm, new FinalStateLayer(), new DenseLayer(4), new SkipLayer(2) { Scale = scale });
            }

            yield return new(3, lstm, lstm, new FinalStateLayer { Cells = true }, new DenseLayer(2));
            yield return new(3, lstm, lstm, new FinalStateLayer { AllLayers = true }, new DenseLayer(2));
            yield return new(3, lstm, lstm, new FinalStateLayer { AllLayers = true, Cells = true }, new DenseLayer(2));
        }
    }

    public static float[] Parameters(NetworkSpec spec)
    {
        var random = new RandomSource(1);
        float[] parameters = new float[spec.Parameters.Length];
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            random.Fill(slot.In(parameters.AsSpan()), -0.7, 0.7);
        }

        return parameters;
    }

    /// <summary>True if recurrent operators of ONNX have the activation.</summary>
    public static bool HasName(ActivationSpec f) => f.Kind is not ActivationKind.HardStep and <= ActivationKind.Softplus;

    /// <summary>True if ONNX has operators for the layer.</summary>
    public static bool HasOperator(LayerSpec layer) => layer is RecurrentLayer recurrent
        ? recurrent.ProjectionSize == 0 && Variants.ActivationsOf(layer).All(HasName)
        : !Variants.ActivationsOf(layer).Contains(ActivationKind.HardStep);

    // A step in the middle and attention are written, and not read.
    private static bool CanRead(NetworkSpec spec)
    {
        LayerSpec[] layers = spec.Layers.ToArray();
        return layers.All(HasOperator)
            && layers.Any(layer => layer is RecurrentLayer)
            && !layers.Any(layer => layer is AttentionLayer or StepLayer { Step: > 0 });
    }
}
