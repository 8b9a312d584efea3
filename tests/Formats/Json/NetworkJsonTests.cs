using SpanRnn.Formats.Json;

namespace SpanRnn.Tests;

public class NetworkJsonTests
{
    [Fact]
    public void Every_member_of_a_description_comes_back()
    {
        RecurrentLayer lstm = new(CellKind.Lstm, 3), gru = new(CellKind.GruResetBefore, 4);
        DenseLayer dense = new(2) { Activation = ActivationKind.Tanh };
        HeadSpec last = new(2, HeadPosition.LastStep);
        NetworkSpec[] specs =
        [
            new(2, new RecurrentLayer(CellKind.Elman, 1)),
            new(2, lstm, last),
            new(2, [lstm, gru], last with { Position = HeadPosition.EveryStep, Bias = false }),
            new(new EmbeddingSpec(7, 5), [gru with { Bidirectional = true, Bias = false }]),
            new(2, lstm with { ProjectionSize = 2 }),
            new(2, lstm with { Peepholes = true, TrainableInitialState = true }),
            new(2, lstm with { CoupledGates = true, Clip = 0.1 }),
            new(2, lstm with { Activation = ActivationKind.Softsign, GateActivation = new(ActivationKind.HardSigmoid, 0.25, 0.5) }),
            new(2, lstm with { OutputActivation = ActivationKind.LeakyRelu }),
            new(2, gru with { Reverse = true }),
            new(2, [lstm with { Bidirectional = true, ReverseActivations = Variants.Other(CellKind.Lstm) }]),
            new(2, [dense, lstm, dense with { Activation = ActivationKind.Identity, Bias = false }], last),
            new(2, dense),
            new(2, lstm, last with { Activation = new(ActivationKind.Elu, 0.5, 0) }),
            new(2, lstm, last with { Normalization = Normalization.Softmax }),
            new(2, lstm, last with { Normalization = Normalization.LogSoftmax }),
            new(2, lstm, last with { Position = HeadPosition.LastOutput }),
            new(2, lstm, last with { Position = HeadPosition.EveryStep, Skip = 1 }),
        ];
        foreach (NetworkSpec spec in specs)
        {
            string text = NetworkJson.Write(spec);
            NetworkSpec read = NetworkJson.Read(text, "f");
            Assert.Equal(spec.InputSize, read.InputSize);
            Assert.Equal(spec.Embedding, read.Embedding);
            Assert.Equal(spec.Layers.ToArray(), read.Layers.ToArray());
            Assert.Equal(spec.Head, read.Head);
            Assert.Equal(text, NetworkJson.Write(read));
        }

        Assert.Equal(specs.Length, specs.Select(NetworkJson.Write).Distinct().Count());
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"lstm","hidden":3}],"head":{"outputs":2,"position":"last_step"}}""",
            NetworkJson.Write(specs[1]));
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"gru_reset_before","hidden":4,"reverse":true}]}""",
            NetworkJson.Write(new NetworkSpec(2, gru with { Reverse = true })));
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"lstm","hidden":3,"bidirectional":true,"reverse_activations":[["scaled_tanh",1,0.5],"""
            + """["hard_sigmoid",0.25,0.5],["softsign",0,0]]}]}""",
            NetworkJson.Write(new NetworkSpec(2, lstm with { Bidirectional = true, ReverseActivations = Variants.Other(CellKind.Lstm) })));
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"dense","hidden":2}],"head":{"outputs":2,"position":"every_step","activation":["relu",0,0]"""
            + ""","normalisation":"log_softmax"}}""",
            NetworkJson.Write(new NetworkSpec(
                2,
                dense,
                new HeadSpec(2, HeadPosition.EveryStep) { Activation = ActivationKind.Relu, Normalization = Normalization.LogSoftmax })));
    }

    // A member that is added to a description and not to its text would be lost in silence.
    [Fact]
    public void A_description_has_no_members_but_those()
    {
        Assert.Equal(
            [
                "Activation", "Bias", "Bidirectional", "Cell", "Clip", "CoupledGates", "GateActivation", "HiddenSize", "OutputActivation",
                "Peepholes", "ProjectionSize", "Reverse", "ReverseActivations", "TrainableInitialState",
            ],
            Settable(typeof(RecurrentLayer)));
        Assert.Equal(["Activation", "Bias", "OutputSize"], Settable(typeof(DenseLayer)));
        Assert.Equal(["Activation", "GateActivation", "OutputActivation"], Settable(typeof(LayerActivations)));
        Assert.Equal(["Activation", "Bias", "Normalization", "OutputSize", "Position", "Skip"], Settable(typeof(HeadSpec)));
        Assert.Equal(["Size", "Symbols"], Settable(typeof(EmbeddingSpec)));
        Assert.Equal(["Alpha", "Beta", "Kind"], Settable(typeof(ActivationSpec)));

        static IEnumerable<string> Settable(Type type) =>
            type.GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("{}")]
    [InlineData("""{"input":2}""")]
    [InlineData("""{"input":2,"layers":[]}""")]
    [InlineData("""{"input":"2","layers":[{"cell":"lstm","hidden":3}]}""")]
    [InlineData("""{"input":2.5,"layers":[{"cell":"lstm","hidden":3}]}""")]
    [InlineData("""{"input":0,"layers":[{"cell":"lstm","hidden":3}]}""")]
    [InlineData("""{"input":2,"input":2,"layers":[{"cell":"lstm","hidden":3}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"ltsm","hidden":3}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":null,"hidden":3}]}""")]
    [InlineData("""{"input":2,"layers":[{"hidden":3}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":2147483647}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3,"speed":1}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3,"clip":-1}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"gru_reset_after","hidden":3,"peepholes":true}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"elman","hidden":3,"activation":["tanh"]}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"elman","hidden":3,"activation":"tanh"}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3}],"head":{"outputs":2}}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3}],"head":null}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"dense","hidden":3}],"head":{"outputs":2,"position":"last_step"}}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3}],"head":{"outputs":2,"position":"every_step","normalisation":"max"}}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3,"bidirectional":true,"reverse_activations":[["tanh",0,0]]}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3,"bidirectional":true,"reverse":true}]}""")]
    [InlineData("""{"symbols":-1,"input":2,"layers":[{"cell":"lstm","hidden":3}]}""")]
    public void What_is_no_description_is_refused(string text)
    {
        string message = Assert.Throws<ModelFormatException>(() => NetworkJson.Read(text, "f")).Message;
        Assert.StartsWith("f: the network ", message, StringComparison.Ordinal);
        Assert.Contains(", expected a description such as ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
