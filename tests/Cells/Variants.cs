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

    /// <summary>Every cell, variant, direction, stack and head; input size 3.</summary>
    public static IReadOnlyList<NetworkSpec> All { get; } = [.. Streaming, .. Bidirectional, .. Reverse];

    /// <summary>Networks that a stream can run through.</summary>
    public static IReadOnlyList<NetworkSpec> Streaming =>
    [
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(3, layer)),
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, layer with { Bias = false }, new HeadSpec(2, HeadPosition.EveryStep))),
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, [layer, new RecurrentLayer(CellKind.Lstm, 4) { ProjectionSize = 2 }, layer], new HeadSpec(2, HeadPosition.LastStep))),
        .. Activations.Where(activation => activation != ActivationKind.HardStep).SelectMany(WithDense),
    ];

    // Dense layers below, between and above, and heads that do something to their outputs.
    private static IEnumerable<NetworkSpec> WithDense(ActivationSpec activation)
    {
        DenseLayer dense = new(5) { Activation = activation };
        DenseLayer below = activation.Kind == ActivationKind.Exp ? dense with { Activation = ActivationKind.Silu } : dense;
        RecurrentLayer gru = new(CellKind.GruResetAfter, 4);
        yield return new(3, [dense, gru, dense with { Bias = false }, gru, dense]);
        yield return new(
            3,
            [gru, below, below],
            new HeadSpec(2, HeadPosition.LastStep) { Activation = activation, Normalization = Normalization.Softmax });
        yield return new(3, [dense, gru], new HeadSpec(2, HeadPosition.EveryStep) { Activation = activation });
        yield return new(3, gru, new HeadSpec(2, HeadPosition.EveryStep) { Normalization = Normalization.LogSoftmax, Skip = 1 });
    }

    private static IReadOnlyList<NetworkSpec> Reverse =>
    [
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, [layer with { Reverse = true }, layer, layer with { Reverse = true }], new HeadSpec(2, HeadPosition.LastStep))),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer with { ReverseActivations = Other(layer.Cell) })),
        new(3, new DenseLayer(4) { Activation = ActivationKind.Tanh }),
    ];

    private static IReadOnlyList<NetworkSpec> Bidirectional =>
    [
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, [layer, layer])),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new HeadSpec(2, HeadPosition.EveryStep))),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new HeadSpec(2, HeadPosition.LastStep) { Bias = false })),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new HeadSpec(2, HeadPosition.LastOutput))),
    ];

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
    public static bool IsStreaming(LayerSpec layer) =>
        layer is not (RecurrentLayer { Bidirectional: true } or RecurrentLayer { Reverse: true });

    /// <summary>True if finite differences of the layer may meet a kink.</summary>
    public static bool HasKinks(LayerSpec layer) =>
        layer is PReluLayer or RecurrentLayer { Clip: < double.PositiveInfinity } || ActivationsOf(layer).Any(HasKink);

    /// <summary>True if the layer's own states may grow faster than any power of the steps.</summary>
    public static bool Explodes(LayerSpec layer) => ActivationsOf(layer).Contains(ActivationKind.Exp);

    /// <summary>True if the layer has gradients to learn from.</summary>
    public static bool HasGradients(LayerSpec layer) => !ActivationsOf(layer).Contains(ActivationKind.HardStep);

    /// <summary>All activations of a layer.</summary>
    public static IEnumerable<ActivationSpec> ActivationsOf(LayerSpec layer) => layer switch
    {
        DenseLayer dense => [dense.Activation],
        ActivationLayer activation => [activation.Activation],
        AffineLayer or NormalizationLayer or PReluLayer or MergeLayer => [],
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
