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

    private static LayerSpec[] Layers(bool bidirectional) =>
    [
        .. new[] { Activation.Identity, Activation.Sigmoid, Activation.Tanh, Activation.Relu }
            .Select(activation => new LayerSpec(CellKind.Elman, 5) { Activation = activation, Bidirectional = bidirectional }),
        new LayerSpec(CellKind.Lstm, 5) { Bidirectional = bidirectional },
        new LayerSpec(CellKind.Lstm, 5) { Bidirectional = bidirectional, ProjectionSize = 3 },
        new LayerSpec(CellKind.GruResetAfter, 5) { Bidirectional = bidirectional },
        new LayerSpec(CellKind.GruResetBefore, 5) { Bidirectional = bidirectional },
    ];
}
