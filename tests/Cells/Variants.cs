using System.Diagnostics;

namespace SpanRnn.Tests;

/// <summary>One network of every kind, for facts that are about each of them.</summary>
internal static class Variants
{
    /// <summary>Every recurrent cell.</summary>
    public static IReadOnlyList<CellKind> Cells { get; } = [.. Enum.GetValues<CellKind>().Distinct()];

    /// <summary>
    /// Every activation. Parameters differ from their defaults: powers of two and their halves, so that products with them are exact.
    /// </summary>
    public static IReadOnlyList<ActivationSpec> Activations { get; } =
    [
        ActivationKind.Identity,
        ActivationKind.Sigmoid,
        ActivationKind.Tanh,
        ActivationKind.Relu,
        ActivationKind.HardStep,
        new(ActivationKind.Affine, 0.5, 0.25),
        new(ActivationKind.LeakyRelu, 0.25, 0),
        new(ActivationKind.ThresholdedRelu, 0.25, 0),
        new(ActivationKind.ScaledTanh, 1, 0.5),
        new(ActivationKind.HardSigmoid, 0.25, 0.5),
        new(ActivationKind.Elu, 0.5, 0),
        ActivationKind.Softsign,
        ActivationKind.Softplus,
        new(ActivationKind.Clip, -0.5, 0.75),
        ActivationKind.Silu,
        ActivationKind.Gelu,
        ActivationKind.GeluTanh,
        ActivationKind.Exp,
        ActivationKind.Selu,
        new(ActivationKind.Celu, 0.5, 0),
        ActivationKind.HardSwish,
        ActivationKind.Mish,
    ];

    /// <summary>Layers without a matrix that compute every row on its own.</summary>
    public static IReadOnlyList<LayerSpec> RowLayers { get; } =
    [
        new AffineLayer(),
        new AffineLayer { Scale = false },
        new AffineLayer { Shift = false },
        new NormalizationLayer(FeatureNormalization.Layer) { Epsilon = 0.01 },
        new NormalizationLayer(FeatureNormalization.RootMeanSquare) { Epsilon = 0.01, Shift = false },
        new ActivationLayer(ActivationKind.Softsign),
        new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
        new ActivationLayer(ActivationKind.Tanh) { Normalization = Normalization.LogSoftmax },
        new PReluLayer(),
    ];

    /// <summary>Layers that make one row per sequence and need all of its steps at once.</summary>
    public static IReadOnlyList<LayerSpec> WholeSequencePoolings { get; } = [new StepLayer(0), new StepLayer(3), new AttentionLayer()];

    private static readonly RecurrentLayer _gru = new(CellKind.GruResetAfter, 4);

    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 4) { ProjectionSize = 2 };

    /// <summary>Every cell, variant, direction and stack, every layer without a matrix, every pooling and skip; input size 3.</summary>
    public static IReadOnlyList<NetworkSpec> All { get; } = [.. Streaming, .. Bidirectional, .. Reverse, .. WholeSequences];

    /// <summary>Networks that a stream can run through.</summary>
    public static IReadOnlyList<NetworkSpec> Streaming =>
    [
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(3, layer)),
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(3, layer with { Bias = false }, new DenseLayer(2))),
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, layer, new RecurrentLayer(CellKind.Lstm, 4) { ProjectionSize = 2 }, layer, new FinalStateLayer(), new DenseLayer(2))),
        .. Activations.Where(activation => activation != ActivationKind.HardStep).SelectMany(WithDense),
        .. RowLayers.Select(layer => new NetworkSpec(3, layer, _gru, layer, new PoolLayer(Pooling.Sum), layer)),
        .. Enum.GetValues<Pooling>().SelectMany(kind => Pooled(new PoolLayer(kind))),
        .. FinalStates.Select(final => new NetworkSpec(3, _lstm, new RecurrentLayer(CellKind.Lstm, 5), final)),
        .. Enum.GetValues<SkipScale>().SelectMany(WithSkips),
    ];

    /// <summary>Every readout of final states that is possible above LSTMs.</summary>
    private static FinalStateLayer[] FinalStates =>
    [
        new(), new() { AllLayers = true }, new() { Cells = true }, new() { AllLayers = true, Cells = true },
    ];

    private static IReadOnlyList<NetworkSpec> Reverse =>
    [
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, layer with { Reverse = true }, layer, layer with { Reverse = true }, new FinalStateLayer(), new DenseLayer(2))),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer with { ReverseActivations = Other(layer.Cell) })),
        new(3, new DenseLayer(4) { Activation = ActivationKind.Tanh }),
    ];

    private static IReadOnlyList<NetworkSpec> Bidirectional =>
    [
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, layer)),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new DenseLayer(2))),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(
            3, layer, new FinalStateLayer(), new DenseLayer(2) { Bias = false })),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new PoolLayer(Pooling.Last), new DenseLayer(2))),
        .. Enum.GetValues<DirectionMerge>().Select(merge => new NetworkSpec(3, _gru with { Bidirectional = true }, new MergeLayer(merge))),
        .. Enum.GetValues<DirectionMerge>().Select(merge => new NetworkSpec(
            3, _lstm with { Bidirectional = true }, new FinalStateLayer(), new MergeLayer(merge))),
        .. FinalStates.Select(final => new NetworkSpec(3, _lstm with { Bidirectional = true }, _lstm with { Reverse = true }, final)),
    ];

    private static IReadOnlyList<NetworkSpec> WholeSequences => [.. WholeSequencePoolings.SelectMany(Pooled)];

    // Dense layers below, between and above, with and without a function of the outputs.
    private static IEnumerable<NetworkSpec> WithDense(ActivationSpec activation)
    {
        DenseLayer dense = new(5) { Activation = activation };
        DenseLayer below = activation.Kind == ActivationKind.Exp ? dense with { Activation = ActivationKind.Silu } : dense;
        DenseLayer head = new(2);
        yield return new(3, dense, _gru, dense with { Bias = false }, _gru, dense);
        yield return new(
            3,
            _gru,
            new FinalStateLayer(),
            below,
            below,
            head with { Activation = activation },
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax });
        yield return new(3, dense, _gru, head with { Activation = activation });
        yield return new(
            3,
            _gru,
            head,
            new ActivationLayer(activation) { Normalization = Normalization.LogSoftmax },
            new SkipLayer(0) { Features = 1 });
    }

    // The input itself, and the rows of a recurrent layer, with layers on top.
    private static IEnumerable<NetworkSpec> Pooled(LayerSpec pooling)
    {
        yield return new(3, pooling);
        yield return new(3, _gru, pooling, new DenseLayer(5) { Activation = ActivationKind.Tanh }, new DenseLayer(2));
        yield return new(3, _gru, new PReluLayer(), pooling, new AffineLayer(), new SkipLayer(3));
    }

    // Around one layer, around the whole chain, and above a pooling; one over the end of another.
    private static IEnumerable<NetworkSpec> WithSkips(SkipScale scale)
    {
        yield return new(3, new DenseLayer(4), _gru, new SkipLayer(1) { Scale = scale }, new SkipLayer(1) { Scale = scale });
        yield return new(3, _gru, new DenseLayer(3), new SkipLayer(0) { Scale = scale }, new SkipLayer(1) { Scale = scale, Features = 2 });
        yield return new(3, _gru, new FinalStateLayer(), new DenseLayer(6), new SkipLayer(2) { Scale = scale, Features = 3 });
    }

    /// <summary>Layers of one size, of every cell, each with a variant of its own, none of them a standard one.</summary>
    public static IReadOnlyList<RecurrentLayer> Unusual(int size) =>
    [
        new RecurrentLayer(CellKind.Elman, size) { Activation = new(ActivationKind.ScaledTanh, 1, 0.5) },
        new RecurrentLayer(CellKind.Elman, size) { Clip = 0.5, TrainableInitialState = true },
        new RecurrentLayer(CellKind.Lstm, size) { Peepholes = true },
        new RecurrentLayer(CellKind.Lstm, size) { CoupledGates = true },
        new RecurrentLayer(CellKind.Lstm, size) { CoupledGates = true, Peepholes = true, ProjectionSize = Math.Max(1, size / 2) },
        new RecurrentLayer(CellKind.Lstm, size) { Peepholes = true, Clip = 0.75, TrainableInitialState = true },
        new RecurrentLayer(CellKind.Lstm, size)
        {
            GateActivation = ActivationKind.HardSigmoid,
            Activation = ActivationKind.Softsign,
            OutputActivation = new(ActivationKind.Elu, 0.5, 0),
        },
        new RecurrentLayer(CellKind.Lstm, size)
        {
            GateActivation = ActivationKind.Silu,
            Activation = ActivationKind.Gelu,
            OutputActivation = ActivationKind.Mish,
        },
        new RecurrentLayer(CellKind.GruResetAfter, size) { GateActivation = ActivationKind.HardSigmoid, Activation = ActivationKind.Selu },
        new RecurrentLayer(CellKind.GruResetAfter, size) { GateActivation = new(ActivationKind.HardSigmoid, 0.25, 0.5) },
        new RecurrentLayer(CellKind.GruResetAfter, size) { Activation = new(ActivationKind.Affine, 0.5, 0.25), Clip = 0.75 },
        new RecurrentLayer(CellKind.GruResetBefore, size)
        {
            Activation = new(ActivationKind.LeakyRelu, 0.25, 0),
            TrainableInitialState = true,
        },
        new RecurrentLayer(CellKind.GruResetBefore, size)
        {
            GateActivation = ActivationKind.Tanh,
            Activation = ActivationKind.Softplus,
            Clip = 0.75,
        },
    ];

    /// <summary>Activations that differ from the cell's defaults.</summary>
    public static LayerActivations Other(CellKind cell) => new(
        new(ActivationKind.ScaledTanh, 1, 0.5),
        cell == CellKind.Elman ? ActivationKind.Sigmoid : new ActivationSpec(ActivationKind.HardSigmoid, 0.25, 0.5),
        cell == CellKind.Lstm ? ActivationKind.Softsign : ActivationKind.Tanh);

    /// <summary>True if a stream can run through the layer.</summary>
    public static bool IsStreaming(LayerSpec layer) => layer is not
        (RecurrentLayer { Bidirectional: true } or RecurrentLayer { Reverse: true } or StepLayer or AttentionLayer);

    /// <summary>True if finite differences of the layer may meet a kink.</summary>
    public static bool HasKinks(LayerSpec layer) =>
        layer is PReluLayer or PoolLayer { Kind: Pooling.Maximum } or RecurrentLayer { Clip: < double.PositiveInfinity }
        || ActivationsOf(layer).Any(HasKink);

    /// <summary>True if the layer's own states may grow faster than any power of the steps.</summary>
    public static bool Explodes(LayerSpec layer) => ActivationsOf(layer).Contains(ActivationKind.Exp);

    /// <summary>True if the layer has gradients to learn from.</summary>
    public static bool HasGradients(LayerSpec layer) => !ActivationsOf(layer).Contains(ActivationKind.HardStep);

    /// <summary>All activations of a layer.</summary>
    public static IEnumerable<ActivationSpec> ActivationsOf(LayerSpec layer) => layer switch
    {
        DenseLayer dense => [dense.Activation],
        ActivationLayer activation => [activation.Activation],
        AffineLayer or NormalizationLayer or PReluLayer or MergeLayer or SkipLayer => [],
        PoolLayer or StepLayer or AttentionLayer or FinalStateLayer => [],
        RecurrentLayer recurrent =>
        [
            recurrent.Activation,
            recurrent.GateActivation,
            recurrent.OutputActivation,
            .. recurrent.ReverseActivations is { } own
                ? [own.Activation, own.GateActivation, own.OutputActivation]
                : Array.Empty<ActivationSpec>(),
        ],
        _ => throw new UnreachableException(),
    };

    /// <summary>True if finite differences of the activation may meet a kink.</summary>
    public static bool HasKink(ActivationSpec f) =>
        f.Kind is not (ActivationKind.Identity or ActivationKind.Sigmoid or ActivationKind.Tanh
            or ActivationKind.Affine or ActivationKind.ScaledTanh or ActivationKind.Softplus
            or ActivationKind.Silu or ActivationKind.Gelu or ActivationKind.GeluTanh or ActivationKind.Exp or ActivationKind.Mish);

    private static RecurrentLayer[] Layers(bool bidirectional) =>
    [
        .. new[] { ActivationKind.Identity, ActivationKind.Sigmoid, ActivationKind.Tanh, ActivationKind.Relu }
            .Select(activation => new RecurrentLayer(CellKind.Elman, 5) { Activation = activation, Bidirectional = bidirectional }),
        new RecurrentLayer(CellKind.Lstm, 5) { Bidirectional = bidirectional },
        new RecurrentLayer(CellKind.Lstm, 5) { Bidirectional = bidirectional, ProjectionSize = 3 },
        new RecurrentLayer(CellKind.GruResetAfter, 5) { Bidirectional = bidirectional },
        new RecurrentLayer(CellKind.GruResetBefore, 5) { Bidirectional = bidirectional },
        .. Unusual(5).Select(layer => layer with { Bidirectional = bidirectional }),
    ];
}
