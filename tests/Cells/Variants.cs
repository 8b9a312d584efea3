using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Tests;

/// <summary>One network of every kind, for facts that are about each of them.</summary>
internal static class Variants
{
    /// <summary>Every cell, variant, direction, stack and head; input size 3.</summary>
    public static IReadOnlyList<NetworkSpec> All { get; } = [.. Streaming, .. Bidirectional];

    /// <summary>Those that a stream can run through.</summary>
    public static IReadOnlyList<NetworkSpec> Streaming =>
    [
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(3, layer)),
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, layer with { Bias = false }, new HeadSpec(2, HeadPosition.EveryStep))),
        .. Layers(bidirectional: false).Select(layer => new NetworkSpec(
            3, [layer, new LayerSpec(CellKind.Lstm, 4) { ProjectionSize = 2 }, layer], new HeadSpec(2, HeadPosition.LastStep))),
    ];

    private static IReadOnlyList<NetworkSpec> Bidirectional =>
    [
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, [layer, layer])),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new HeadSpec(2, HeadPosition.EveryStep))),
        .. Layers(bidirectional: true).Select(layer => new NetworkSpec(3, layer, new HeadSpec(2, HeadPosition.LastStep) { Bias = false })),
    ];

    /// <summary>
    /// Every activation, with parameters that are not their defaults where it has any: powers of two and their halves, so that products
    /// with them are exact.
    /// </summary>
    public static IReadOnlyList<ActivationSpec> Activations { get; } =
    [
        Activation.Identity,
        Activation.Sigmoid,
        Activation.Tanh,
        Activation.Relu,
        Activation.HardStep,
        new(Activation.Affine, 0.5, 0.25),
        new(Activation.LeakyRelu, 0.25, 0),
        new(Activation.ThresholdedRelu, 0.25, 0),
        new(Activation.ScaledTanh, 1, 0.5),
        new(Activation.HardSigmoid, 0.25, 0.5),
        new(Activation.Elu, 0.5, 0),
        Activation.Softsign,
        Activation.Softplus,
    ];

    /// <summary>Layers of every cell, each with a variant of its own, none of which is among the standard ones; of a size.</summary>
    public static IReadOnlyList<LayerSpec> Unusual(int size) =>
    [
        new(CellKind.Elman, size) { Activation = new(Activation.ScaledTanh, 1, 0.5) },
        new(CellKind.Elman, size) { Clip = 0.5, TrainableInitialState = true },
        new(CellKind.Lstm, size) { Peepholes = true },
        new(CellKind.Lstm, size) { CoupledGates = true },
        new(CellKind.Lstm, size) { CoupledGates = true, Peepholes = true, ProjectionSize = Math.Max(1, size / 2) },
        new(CellKind.Lstm, size) { Peepholes = true, Clip = 0.75, TrainableInitialState = true },
        new(CellKind.Lstm, size)
        {
            GateActivation = Activation.HardSigmoid,
            Activation = Activation.Softsign,
            OutputActivation = new(Activation.Elu, 0.5, 0),
        },
        new(CellKind.GruResetAfter, size) { GateActivation = new(Activation.HardSigmoid, 0.25, 0.5) },
        new(CellKind.GruResetAfter, size) { Activation = new(Activation.Affine, 0.5, 0.25), Clip = 0.75 },
        new(CellKind.GruResetBefore, size) { Activation = new(Activation.LeakyRelu, 0.25, 0), TrainableInitialState = true },
        new(CellKind.GruResetBefore, size) { GateActivation = Activation.Tanh, Activation = Activation.Softplus, Clip = 0.75 },
    ];

    /// <summary>Whether finite differences of the layer may meet a kink.</summary>
    public static bool HasKinks(LayerSpec layer) =>
        double.IsFinite(layer.Clip) || HasKink(layer.Activation) || HasKink(layer.GateActivation) || HasKink(layer.OutputActivation);

    /// <summary>Whether the layer can be learned from.</summary>
    public static bool HasGradients(LayerSpec layer) =>
        layer.Activation != Activation.HardStep
        && layer.GateActivation != Activation.HardStep
        && layer.OutputActivation != Activation.HardStep;

    private static bool HasKink(ActivationSpec f) =>
        f.Kind is not (Activation.Identity or Activation.Sigmoid or Activation.Tanh or Activation.Affine or Activation.ScaledTanh
            or Activation.Softplus);

    private static LayerSpec[] Layers(bool bidirectional) =>
    [
        .. new[] { Activation.Identity, Activation.Sigmoid, Activation.Tanh, Activation.Relu }
            .Select(activation => new LayerSpec(CellKind.Elman, 5) { Activation = activation, Bidirectional = bidirectional }),
        new LayerSpec(CellKind.Lstm, 5) { Bidirectional = bidirectional },
        new LayerSpec(CellKind.Lstm, 5) { Bidirectional = bidirectional, ProjectionSize = 3 },
        new LayerSpec(CellKind.GruResetAfter, 5) { Bidirectional = bidirectional },
        new LayerSpec(CellKind.GruResetBefore, 5) { Bidirectional = bidirectional },
        .. Unusual(5).Select(layer => layer with { Bidirectional = bidirectional }),
    ];
}
