using SpanRnn.Formats.Json;

namespace SpanRnn.Tests;

/// <summary>
/// Every property of a description is part of the network's identity: its fingerprint and its JSON tell two networks apart that differ in
/// that property alone. A new property fails here until it has a pair below, and then until both know it.
/// </summary>
public class NetworkIdentityTests
{
    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 3);
    private static readonly RecurrentLayer _both = _lstm with { Bidirectional = true, ReverseActivations = Activations };
    private static readonly DenseLayer _dense = new(3);
    private static readonly NormalizationLayer _normalization = new(FeatureNormalization.Layer);
    private static readonly SkipLayer _skip = new(0);

    /// <summary>Two networks for each property, by its type and name.</summary>
    private static readonly Dictionary<string, (NetworkSpec One, NetworkSpec Other)> _pairs = new()
    {
        ["RecurrentLayer.Cell"] = Layers(new RecurrentLayer(CellKind.GruResetAfter, 3), new RecurrentLayer(CellKind.GruResetBefore, 3)),
        ["RecurrentLayer.HiddenSize"] = Layers(_lstm, _lstm with { HiddenSize = 4 }),
        ["RecurrentLayer.Bidirectional"] = Layers(_lstm, _lstm with { Bidirectional = true }),
        ["RecurrentLayer.Reverse"] = Layers(_lstm, _lstm with { Reverse = true }),
        ["RecurrentLayer.Bias"] = Layers(_lstm, _lstm with { Bias = false }),
        ["RecurrentLayer.ProjectionSize"] = Layers(_lstm, _lstm with { ProjectionSize = 2 }),
        ["RecurrentLayer.Activation"] = Layers(_lstm, _lstm with { Activation = ActivationKind.Relu }),
        ["RecurrentLayer.GateActivation"] = Layers(_lstm, _lstm with { GateActivation = ActivationKind.Relu }),
        ["RecurrentLayer.OutputActivation"] = Layers(_lstm, _lstm with { OutputActivation = ActivationKind.Relu }),
        ["RecurrentLayer.ReverseActivations"] = Layers(_both, _both with { ReverseActivations = null }),
        ["RecurrentLayer.Peepholes"] = Layers(_lstm, _lstm with { Peepholes = true }),
        ["RecurrentLayer.CoupledGates"] = Layers(_lstm, _lstm with { CoupledGates = true }),
        ["RecurrentLayer.Clip"] = Layers(_lstm, _lstm with { Clip = 3 }),
        ["RecurrentLayer.TrainableInitialState"] = Layers(_lstm, _lstm with { TrainableInitialState = true }),
        ["DenseLayer.OutputSize"] = Layers(_dense, _dense with { OutputSize = 4 }),
        ["DenseLayer.Bias"] = Layers(_dense, _dense with { Bias = false }),
        ["DenseLayer.Activation"] = Layers(_dense, _dense with { Activation = ActivationKind.Relu }),
        ["LayerActivations.Activation"] = Layers(
            _both, _both with { ReverseActivations = Activations with { Activation = ActivationKind.Softplus } }),
        ["LayerActivations.GateActivation"] = Layers(
            _both, _both with { ReverseActivations = Activations with { GateActivation = ActivationKind.Softplus } }),
        ["LayerActivations.OutputActivation"] = Layers(
            _both, _both with { ReverseActivations = Activations with { OutputActivation = ActivationKind.Softplus } }),
        ["ActivationSpec.Kind"] = Layers(Activated(new(ActivationKind.Affine, 1, 0.5)), Activated(new(ActivationKind.HardSigmoid, 1, 0.5))),
        ["ActivationSpec.Alpha"] = Layers(Activated(new(ActivationKind.Affine, 1, 0.5)), Activated(new(ActivationKind.Affine, 2, 0.5))),
        ["ActivationSpec.Beta"] = Layers(Activated(new(ActivationKind.Affine, 1, 0.5)), Activated(new(ActivationKind.Affine, 1, 0.25))),
        ["AffineLayer.Scale"] = Layers(new AffineLayer(), new AffineLayer { Scale = false }),
        ["AffineLayer.Shift"] = Layers(new AffineLayer { Scale = false }, new AffineLayer { Shift = false }),
        ["NormalizationLayer.Kind"] = Layers(_normalization, _normalization with { Kind = FeatureNormalization.RootMeanSquare }),
        ["NormalizationLayer.Epsilon"] = Layers(_normalization, _normalization with { Epsilon = 1e-6 }),
        ["NormalizationLayer.Scale"] = Layers(_normalization with { Shift = false }, _normalization with { Shift = false, Scale = false }),
        ["NormalizationLayer.Shift"] = Layers(_normalization with { Scale = false }, _normalization with { Shift = false }),
        ["ActivationLayer.Activation"] = Layers(new ActivationLayer(ActivationKind.Relu), new ActivationLayer(ActivationKind.Silu)),
        ["ActivationLayer.Normalization"] = Layers(
            new ActivationLayer(ActivationKind.Relu), new ActivationLayer(ActivationKind.Relu) { Normalization = Normalization.Softmax }),
        ["MergeLayer.Merge"] = Above(_both, new MergeLayer(DirectionMerge.Sum), new MergeLayer(DirectionMerge.Product)),
        ["PoolLayer.Kind"] = Above(_lstm, new PoolLayer(Pooling.Mean), new PoolLayer(Pooling.Maximum)),
        ["StepLayer.Step"] = Above(_lstm, new StepLayer(0), new StepLayer(1)),
        ["FinalStateLayer.AllLayers"] = Above(_lstm, new FinalStateLayer(), new FinalStateLayer { AllLayers = true }),
        ["FinalStateLayer.Cells"] = Above(_lstm, new FinalStateLayer(), new FinalStateLayer { Cells = true }),
        ["SkipLayer.From"] = Above(
            new DenseLayer(2), _skip with { Features = 1 }, _skip with { From = 1, Features = 1 }),
        ["SkipLayer.Scale"] = Above(
            new DenseLayer(2),
            _skip with { Features = 1, Scale = SkipScale.One },
            _skip with { Features = 1, Scale = SkipScale.PerFeature }),
        ["SkipLayer.Features"] = Above(new DenseLayer(2), _skip, _skip with { Features = 1 }),
        ["EmbeddingSpec.Symbols"] = (new(new EmbeddingSpec(5, 2), [_lstm]), new(new EmbeddingSpec(6, 2), [_lstm])),
        ["EmbeddingSpec.Size"] = (new(new EmbeddingSpec(5, 2), [_lstm]), new(new EmbeddingSpec(5, 3), [_lstm])),
    };

    private static readonly string[] _properties =
    [
        .. typeof(LayerSpec).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LayerSpec)))
            .Concat([typeof(LayerActivations), typeof(ActivationSpec), typeof(EmbeddingSpec)])
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

    /// <summary>Layers of different kinds that have the same parameters and states, or none.</summary>
    [Fact]
    public void Kinds_of_layers_are_told_apart()
    {
        LayerSpec[] kinds =
        [
            new PoolLayer(Pooling.Sum), new StepLayer(0), new StepLayer(2), new FinalStateLayer(), new SkipLayer(1), new SkipLayer(0),
            new ActivationLayer(ActivationKind.Identity), new PReluLayer(), new AffineLayer { Scale = false },
            new AffineLayer { Shift = false }, new NormalizationLayer(FeatureNormalization.Layer) { Shift = false }, new AttentionLayer(),
        ];
        RecurrentLayer elman = new(CellKind.Elman, 2);
        NetworkSpec[] specs = Array.ConvertAll(kinds, kind => new NetworkSpec(2, new DenseLayer(2), elman, kind));

        Assert.Equal(specs.Length, specs.Select(Fingerprint).Distinct().Count());
        Assert.Equal(specs.Length, specs.Select(NetworkJson.Write).Distinct().Count());
    }

    /// <summary>States that earlier versions saved of recurrent layers alone are read: their fingerprints do not change.</summary>
    [Fact]
    public void A_fingerprint_stays_the_same()
    {
        var spec = new NetworkSpec(2, _both with { Peepholes = true, Clip = 2.5 });
        float[] parameters = [.. Enumerable.Range(0, spec.Parameters.Length).Select(i => i / 64f)];

        Assert.Equal(6341003802831426294UL, spec.Fingerprint(parameters));

        RecurrentLayer elman = new(CellKind.Elman, 2) { Reverse = true, Activation = ActivationKind.Relu };
        Assert.Equal(11753310230872777832, Fingerprint(new(2, new RecurrentLayer(CellKind.GruResetAfter, 3), elman)));
    }

    private static ulong Fingerprint(NetworkSpec spec) => spec.Fingerprint(new float[spec.Parameters.Length]);

    private static RecurrentLayer Activated(ActivationSpec activation) => _lstm with { Activation = activation };

    private static (NetworkSpec One, NetworkSpec Other) Layers(LayerSpec one, LayerSpec other) => (new(2, one), new(2, other));

    private static (NetworkSpec One, NetworkSpec Other) Above(LayerSpec layer, LayerSpec one, LayerSpec other) =>
        (new(2, _dense, layer, one), new(2, _dense, layer, other));
}
