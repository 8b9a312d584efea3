using SpanRnn.Formats.Json;

namespace SpanRnn.Tests;

/// <summary>
/// Every property of a description is part of the network's identity: its fingerprint and its JSON tell two networks apart that differ in
/// that property alone. A new property fails here until it has a pair below, and then until both know it.
/// </summary>
public class NetworkIdentityTests
{
    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 3);
    private static readonly LayerSpec _both = _lstm with { Bidirectional = true, ReverseActivations = Activations };
    private static readonly HeadSpec _head = new(2, HeadPosition.EveryStep);

    /// <summary>Two networks for each property, by its type and name.</summary>
    private static readonly Dictionary<string, (NetworkSpec One, NetworkSpec Other)> _pairs = new()
    {
        ["LayerSpec.Cell"] = Layers(new RecurrentLayer(CellKind.GruResetAfter, 3), new RecurrentLayer(CellKind.GruResetBefore, 3)),
        ["LayerSpec.HiddenSize"] = Layers(_lstm, _lstm with { HiddenSize = 4 }),
        ["LayerSpec.Bidirectional"] = Layers(_lstm, _lstm with { Bidirectional = true }),
        ["LayerSpec.Reverse"] = Layers(_lstm, _lstm with { Reverse = true }),
        ["LayerSpec.Bias"] = Layers(_lstm, _lstm with { Bias = false }),
        ["LayerSpec.ProjectionSize"] = Layers(_lstm, _lstm with { ProjectionSize = 2 }),
        ["LayerSpec.Activation"] = Layers(_lstm, _lstm with { Activation = ActivationKind.Relu }),
        ["LayerSpec.GateActivation"] = Layers(_lstm, _lstm with { GateActivation = ActivationKind.Relu }),
        ["LayerSpec.OutputActivation"] = Layers(_lstm, _lstm with { OutputActivation = ActivationKind.Relu }),
        ["LayerSpec.ReverseActivations"] = Layers(_both, _both with { ReverseActivations = null }),
        ["LayerSpec.Peepholes"] = Layers(_lstm, _lstm with { Peepholes = true }),
        ["LayerSpec.CoupledGates"] = Layers(_lstm, _lstm with { CoupledGates = true }),
        ["LayerSpec.Clip"] = Layers(_lstm, _lstm with { Clip = 3 }),
        ["LayerSpec.TrainableInitialState"] = Layers(_lstm, _lstm with { TrainableInitialState = true }),
        ["LayerActivations.Activation"] = Layers(
            _both, _both with { ReverseActivations = Activations with { Activation = ActivationKind.Softplus } }),
        ["LayerActivations.GateActivation"] = Layers(
            _both, _both with { ReverseActivations = Activations with { GateActivation = ActivationKind.Softplus } }),
        ["LayerActivations.OutputActivation"] = Layers(
            _both, _both with { ReverseActivations = Activations with { OutputActivation = ActivationKind.Softplus } }),
        ["ActivationSpec.Kind"] = Layers(Activated(new(ActivationKind.Affine, 1, 0.5)), Activated(new(ActivationKind.HardSigmoid, 1, 0.5))),
        ["ActivationSpec.Alpha"] = Layers(Activated(new(ActivationKind.Affine, 1, 0.5)), Activated(new(ActivationKind.Affine, 2, 0.5))),
        ["ActivationSpec.Beta"] = Layers(Activated(new(ActivationKind.Affine, 1, 0.5)), Activated(new(ActivationKind.Affine, 1, 0.25))),
        ["HeadSpec.OutputSize"] = Heads(_head, _head with { OutputSize = 3 }),
        ["HeadSpec.Position"] = Heads(
            _head with { Position = HeadPosition.LastStep }, _head with { Position = HeadPosition.LastOutput }),
        ["HeadSpec.Bias"] = Heads(_head, _head with { Bias = false }),
        ["HeadSpec.Activation"] = Heads(_head, _head with { Activation = ActivationKind.Relu }),
        ["HeadSpec.Normalization"] = Heads(_head, _head with { Normalization = Normalization.Softmax }),
        ["HeadSpec.Skip"] = Heads(_head, _head with { Skip = 1 }),
        ["EmbeddingSpec.Symbols"] = (new(new EmbeddingSpec(5, 2), [_lstm]), new(new EmbeddingSpec(6, 2), [_lstm])),
        ["EmbeddingSpec.Size"] = (new(new EmbeddingSpec(5, 2), [_lstm]), new(new EmbeddingSpec(5, 3), [_lstm])),
    };

    private static readonly string[] _properties =
    [
        .. new[] { typeof(LayerSpec), typeof(LayerActivations), typeof(ActivationSpec), typeof(HeadSpec), typeof(EmbeddingSpec) }
            .SelectMany(type => type.GetProperties())
            .Where(property => property.CanWrite)
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}"),
    ];

    private static LayerActivations Activations => new(ActivationKind.Relu, ActivationKind.Sigmoid, ActivationKind.Tanh);

    public static TheoryData<string> Properties => [.. _properties];

    [Theory]
    [MemberData(nameof(Properties))]
    public void Two_networks_that_differ_in_one_property_are_told_apart(string property)
    {
        Assert.True(_pairs.TryGetValue(property, out (NetworkSpec One, NetworkSpec Other) pair), $"{property} has no pair of networks.");

        Assert.NotEqual(NetworkJson.Write(pair.One), NetworkJson.Write(pair.Other));
        Assert.NotEqual(Fingerprint(pair.One), Fingerprint(pair.Other));
    }

    [Fact]
    public void Every_pair_is_of_a_property() => Assert.Empty(_pairs.Keys.Except(_properties));

    /// <summary>States saved by earlier versions are read: their fingerprints do not change.</summary>
    [Fact]
    public void A_fingerprint_stays_the_same()
    {
        HeadSpec head = _head with { Skip = 1, Activation = ActivationKind.Relu };
        var spec = new NetworkSpec(2, _both with { Peepholes = true, Clip = 2.5 }, head);
        float[] parameters = [.. Enumerable.Range(0, spec.Parameters.Length).Select(i => i / 64f)];

        Assert.Equal(11445510683159041172, spec.Fingerprint(parameters));
    }

    private static ulong Fingerprint(NetworkSpec spec) => spec.Fingerprint(new float[spec.Parameters.Length]);

    private static LayerSpec Activated(ActivationSpec activation) => _lstm with { Activation = activation };

    private static (NetworkSpec One, NetworkSpec Other) Layers(LayerSpec one, LayerSpec other) => (new(2, one), new(2, other));

    private static (NetworkSpec One, NetworkSpec Other) Heads(HeadSpec one, HeadSpec other) => (new(2, _lstm, one), new(2, _lstm, other));
}
