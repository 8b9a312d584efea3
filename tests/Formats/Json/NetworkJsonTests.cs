using SpanRnn.Formats.Json;

namespace SpanRnn.Tests;

public class NetworkJsonTests
{
    [Fact]
    public void Every_member_of_a_description_comes_back()
    {
        RecurrentLayer lstm = new(CellKind.Lstm, 3), gru = new(CellKind.GruResetBefore, 4);
        DenseLayer dense = new(2) { Activation = ActivationKind.Tanh };
        NetworkSpec[] specs =
        [
            new(2, new RecurrentLayer(CellKind.Elman, 1)),
            new(2, lstm, new FinalStateLayer(), new DenseLayer(2)),
            new(2, lstm, gru, new DenseLayer(2) { Bias = false }),
            new(new EmbeddingSpec(7, 5), gru with { Bidirectional = true, Bias = false }),
            new(2, lstm with { ProjectionSize = 2 }),
            new(2, lstm with { Peepholes = true, TrainableInitialState = true }),
            new(2, lstm with { CoupledGates = true, Clip = 0.1 }),
            new(2, lstm with { Activation = ActivationKind.Softsign, GateActivation = new(ActivationKind.HardSigmoid, 0.25, 0.5) }),
            new(2, lstm with { OutputActivation = ActivationKind.LeakyRelu }),
            new(2, gru with { Reverse = true }),
            new(2, lstm with { Bidirectional = true, ReverseActivations = Variants.Other(CellKind.Lstm) }),
            new(2, dense, lstm, dense with { Activation = ActivationKind.Identity, Bias = false }),
            new(2, dense),
            new(2, lstm, new DenseLayer(2) { Activation = new(ActivationKind.Elu, 0.5, 0) }),
            .. Variants.RowLayers.Select(layer => new NetworkSpec(2, layer)),
            .. Enum.GetValues<DirectionMerge>().Select(merge => new NetworkSpec(
                2, lstm with { Bidirectional = true }, new MergeLayer(merge))),
            .. Enum.GetValues<Pooling>().Select(kind => new NetworkSpec(2, lstm, new PoolLayer(kind))),
            new(2, lstm, new StepLayer(30)),
            new(2, lstm, new AttentionLayer()),
            new(2, lstm, lstm, new FinalStateLayer { AllLayers = true }),
            new(2, lstm, new FinalStateLayer { Cells = true }),
            .. Enum.GetValues<SkipScale>().Select(scale => new NetworkSpec(2, lstm, dense, new SkipLayer(0) { Scale = scale })),
            new(2, lstm, dense, new SkipLayer(1) { Features = 1 }),
        ];
        foreach (NetworkSpec spec in specs)
        {
            string text = NetworkJson.Write(spec);
            NetworkSpec read = NetworkJson.Read(text, "f");
            Assert.Equal(spec.InputSize, read.InputSize);
            Assert.Equal(spec.Embedding, read.Embedding);
            Assert.Equal(spec.Layers.ToArray(), read.Layers.ToArray());
            Assert.Equal(text, NetworkJson.Write(read));
        }

        Assert.Equal(specs.Length, specs.Select(NetworkJson.Write).Distinct().Count());
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"gru_reset_before","hidden":4,"reverse":true}]}""",
            NetworkJson.Write(new NetworkSpec(2, gru with { Reverse = true })));
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"lstm","hidden":3,"bidirectional":true,"reverse_activations":[["scaled_tanh",1,0.5],"""
            + """["hard_sigmoid",0.25,0.5],["softsign",0,0]]}]}""",
            NetworkJson.Write(new NetworkSpec(2, lstm with { Bidirectional = true, ReverseActivations = Variants.Other(CellKind.Lstm) })));
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"lstm","hidden":3},{"kind":"step","step":4},{"cell":"dense","hidden":2},"""
            + """{"kind":"skip","from":2,"scale":"per_feature","features":1}]}""",
            NetworkJson.Write(new NetworkSpec(
                2, lstm, new StepLayer(4), dense, new SkipLayer(2) { Scale = SkipScale.PerFeature, Features = 1 })));
        Assert.Equal(
            """{"input":2,"layers":[{"cell":"lstm","hidden":3},{"kind":"final_state","all_layers":true,"cells":true},"""
            + """{"kind":"activation","activation":["identity",0,0],"normalisation":"log_softmax"}]}""",
            NetworkJson.Write(new NetworkSpec(
                2,
                lstm,
                new FinalStateLayer { AllLayers = true, Cells = true },
                new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.LogSoftmax })));
    }

    /// <summary>Texts of before had a head: it is the last dense layer, and what it read is below the dense layers beneath it.</summary>
    [Fact]
    public void A_head_of_before_is_the_same_chain()
    {
        const string Lstm = """{"cell":"lstm","hidden":3}""", Both = """{"cell":"lstm","hidden":3,"bidirectional":true}""";
        const string Dense = """{"cell":"dense","hidden":4}""";
        RecurrentLayer lstm = new(CellKind.Lstm, 3), both = lstm with { Bidirectional = true };
        DenseLayer dense = new(4) { Activation = ActivationKind.Tanh }, head = new(2);
        FinalStateLayer final = new();
        Same("\"every_step\"", Lstm, lstm, head);
        Same("\"last_step\"", Lstm, lstm, final, head);
        Same("\"last_output\"", Lstm, lstm, final, head);
        Same("\"last_output\"", Both, both, new PoolLayer(Pooling.Last), head);
        Same("\"last_step\"", $"{Dense},{Both},{Dense},{Dense}", dense, both, final, dense, dense, head);
        Same(
            """ "every_step","bias":false,"activation":["relu",0,0],"skip":1,"normalisation":"softmax" """,
            $"{Lstm},{Dense}",
            lstm,
            dense,
            head with { Bias = false, Activation = ActivationKind.Relu },
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
            new SkipLayer(0) { Features = 1 });
        Same("\"every_step\"", Dense, dense, head);

        static void Same(string position, string layers, params LayerSpec[] expected)
        {
            string text = $$"""{"head":{"outputs":2,"position":{{position}}},"input":2,"layers":[{{layers}}]}""";
            Assert.Equal(expected, NetworkJson.Read(text, "f").Layers.ToArray());
        }
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
        Assert.Equal(["Scale", "Shift"], Settable(typeof(AffineLayer)));
        Assert.Equal(["Epsilon", "Kind", "Scale", "Shift"], Settable(typeof(NormalizationLayer)));
        Assert.Equal(["Activation", "Normalization"], Settable(typeof(ActivationLayer)));
        Assert.Equal(["Merge"], Settable(typeof(MergeLayer)));
        Assert.Equal(["Kind"], Settable(typeof(PoolLayer)));
        Assert.Equal(["Step"], Settable(typeof(StepLayer)));
        Assert.Equal(["AllLayers", "Cells"], Settable(typeof(FinalStateLayer)));
        Assert.Equal(["Features", "From", "Scale"], Settable(typeof(SkipLayer)));
        Assert.Empty(Settable(typeof(PReluLayer)).Concat(Settable(typeof(AttentionLayer))));
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
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3}],"head":{"outputs":2,"position":"middle"}}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3}],"head":{"outputs":2,"position":"last_step","skip":1}}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"pooling","by":"mean"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"pool"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"pool","by":"median"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"pool","by":"mean","over":"time"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"step"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"step","step":"first"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"merge"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"normalisation"}]}""")]
    [InlineData("""{"input":2,"layers":[{"kind":"attention","heads":2}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"lstm","hidden":3},{"kind":"final_state","cells":1}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"dense","hidden":2},{"kind":"skip"}]}""")]
    [InlineData("""{"input":2,"layers":[{"cell":"dense","hidden":2},{"kind":"skip","from":0,"scale":"two"}]}""")]
    [InlineData("""{"symbols":-1,"input":2,"layers":[{"cell":"lstm","hidden":3}]}""")]
    public void What_is_no_description_is_refused(string text)
    {
        string message = Assert.Throws<ModelFormatException>(() => NetworkJson.Read(text, "f")).Message;
        Assert.StartsWith("f: the network ", message, StringComparison.Ordinal);
        Assert.Contains(", expected a description such as ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("""{"cell":"dense","hidden":3},{"kind":"skip","from":0}""", "adds the 2 numbers that enter layer 0 to 3, expected as many")]
    [InlineData("""{"cell":"dense","hidden":3},{"kind":"skip","from":0,"features":3}""", "Features is 3, expected 0 to 2")]
    [InlineData("""{"cell":"dense","hidden":2},{"kind":"skip","from":1}""", "From is 1, expected 0 to 0")]
    [InlineData("""{"cell":"lstm","hidden":2},{"kind":"pool","by":"sum"},{"kind":"skip","from":0}""", "both ends on one side of it")]
    [InlineData("""{"kind":"pool","by":"mean"},{"kind":"pool","by":"sum"}""", "Layer 1: a pooling above a layer that leaves one row")]
    [InlineData("""{"kind":"attention"},{"kind":"step","step":1}""", "Layer 1: a choice of a step above a layer that leaves one row")]
    [InlineData("""{"kind":"pool","by":"last"},{"cell":"lstm","hidden":2}""", "Layer 1: a recurrent layer above a layer that leaves one")]
    [InlineData("""{"kind":"step","step":-1}""", "Layer 0: Step is -1, expected 0 or more")]
    [InlineData("""{"kind":"merge","by":"sum"}""", "Layer 0: a merge of directions above what is not both directions")]
    [InlineData("""{"cell":"lstm","hidden":2},{"kind":"merge","by":"sum"}""", "expected a bidirectional layer below")]
    [InlineData("""{"kind":"final_state"}""", "a readout of final states above the input, expected a recurrent layer directly below")]
    [InlineData("""{"cell":"elman","hidden":2},{"kind":"final_state","cells":true}""", "a readout of c of layer 0, a Elman, expected")]
    [InlineData("""{"kind":"affine","scale":false,"shift":false}""", "an affine layer without Scale and Shift")]
    [InlineData("""{"kind":"normalisation","by":"layer","epsilon":0}""", "Epsilon is 0, expected a finite number of 1e-30 or more")]
    public void Layers_that_contradict_each_other_are_refused_in_one_sentence(string layers, string expected)
    {
        string text = $$"""{"input":2,"layers":[{{layers}}]}""";
        string message = Assert.Throws<ModelFormatException>(() => NetworkJson.Read(text, "f")).Message;
        Assert.StartsWith("f: the network is not consistent (", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("Parameter", message, StringComparison.Ordinal);
    }
}
