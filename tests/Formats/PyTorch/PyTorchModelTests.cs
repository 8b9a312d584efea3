using System.Numerics;
using System.Runtime.InteropServices;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class PyTorchModelTests
{
    public static TheoryData<string> Variants() => [.. AllSpecs().Keys];

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_float_network_comes_back_bit_for_bit(string variant) => RoundTrip<float>(AllSpecs()[variant]);

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_double_network_comes_back_bit_for_bit(string variant) => RoundTrip<double>(AllSpecs()[variant]);

    [Fact]
    public void Names_and_shapes_are_those_of_PyTorch()
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 3) { Bidirectional = true, ProjectionSize = 2 };
        SafetensorsFile file = Written(new NetworkSpec(5, [layer, layer]));

        Assert.Equal(
            [
                "weight_ih_l0 12x5", "weight_hh_l0 12x2", "bias_ih_l0 12", "bias_hh_l0 12", "weight_hr_l0 2x3",
                "weight_ih_l0_reverse 12x5", "weight_hh_l0_reverse 12x2", "bias_ih_l0_reverse 12", "bias_hh_l0_reverse 12",
                "weight_hr_l0_reverse 2x3",
                "weight_ih_l1 12x4", "weight_hh_l1 12x2", "bias_ih_l1 12", "bias_hh_l1 12", "weight_hr_l1 2x3",
                "weight_ih_l1_reverse 12x4", "weight_hh_l1_reverse 12x2", "bias_ih_l1_reverse 12", "bias_hh_l1_reverse 12",
                "weight_hr_l1_reverse 2x3",
            ],
            Tensors(file));
        Assert.Equal([("format", "pt")], file.Metadata.Select(entry => (entry.Key, entry.Value)));
    }

    [Fact]
    public void A_head_and_what_shapes_cannot_tell_are_written()
    {
        var layer = new RecurrentLayer(CellKind.Elman, 2) { Activation = ActivationKind.Relu, Bias = false };
        SafetensorsFile file = Written(new NetworkSpec(1, layer, new FinalStateLayer(), new DenseLayer(3)));

        Assert.Equal(["rnn.weight_ih_l0 2x1", "rnn.weight_hh_l0 2x2", "head.weight 3x2", "head.bias 3"], Tensors(file));
        Assert.Equal("""{"nonlinearity":"relu","head":"last_step"}""", file.Metadata["spanrnn"]);
        Assert.Equal(
            """{"gru":"reset_before"}""", Written(new NetworkSpec(1, new RecurrentLayer(CellKind.GruResetBefore, 2))).Metadata["spanrnn"]);
    }

    [Theory]
    [InlineData("weight_ih_l0", "weight_hh_l0", "")]
    [InlineData("weight_ih", "weight_hh", "")]
    [InlineData("encoder.rnn.weight_ih_l0", "encoder.rnn.weight_hh_l0", "encoder.out")]
    [InlineData("0.weight_ih", "0.weight_hh", "1")]
    public void A_module_a_cell_and_a_prefix_are_understood(string input, string recurrent, string head)
    {
        List<(string, int[])> tensors = [(input, [6, 4]), (recurrent, [6, 2])];
        if (head.Length > 0)
        {
            tensors.Add(($"{head}.weight", [3, 2]));
        }

        RecurrentModel model = Read([.. tensors]);

        var layer = new RecurrentLayer(CellKind.GruResetAfter, 2) { Bias = false };
        Assert.Equal(head.Length > 0 ? [layer, new DenseLayer(3) { Bias = false }] : [layer], model.Spec.Layers.ToArray());
        Assert.Equal(4, model.Spec.InputSize);
        Assert.Equal(model.Spec.Parameters.Slots.Length, model.Sources.Length);
    }

    [Theory]
    [InlineData("embed.weight", "head.weight", true, 4)]
    [InlineData("table.weight", "out.weight", true, 4)]
    [InlineData("embed.weight", "head.weight", false, 2)]
    [InlineData("net.word_Embeddings.weight", "decoder.weight", true, 2)]
    [InlineData("embed.weight", "", false, 2)]
    [InlineData("table.weight", "", false, 4)]
    public void An_embedding_is_told_from_a_head(string table, string head, bool bias, int inputSize)
    {
        // Hidden size 2: an input size of 2 makes table and head alike.
        List<(string, int[])> tensors = [("rnn.weight_ih_l0", [2, inputSize]), ("rnn.weight_hh_l0", [2, 2]), (table, [7, inputSize])];
        if (head.Length > 0)
        {
            tensors.Insert(0, (head, [7, 2]));
        }

        if (bias)
        {
            tensors.Add((head.Replace("weight", "bias", StringComparison.Ordinal), [7]));
        }

        RecurrentModel model = Read([.. tensors]);

        Assert.Equal(new EmbeddingSpec(7, inputSize), model.Spec.Embedding);
        Assert.Equal(head.Length > 0 ? [new DenseLayer(7) { Bias = bias }] : [], model.Spec.Layers[1..].ToArray());
        Assert.Equal(table, model.Sources[0].Name);
        Assert.Equal(Ramp(table, 7 * inputSize), model.Spec.EmbeddingWeights!.In(model.ReadParameters<float>().Span).ToArray());
    }

    [Fact]
    public void Two_tables_are_refused() => Refuses(
        () => Read(("weight_ih_l0", [2, 3]), ("weight_hh_l0", [2, 2]), ("embed.weight", [7, 3]), ("other.weight", [7, 3])),
        "the place of 'embed' [7, 3], 'other' [7, 3] is not clear beside a recurrent module of 3 inputs and 2 outputs");

    [Fact]
    public void An_embedding_is_written_as_a_module_that_holds_it()
    {
        var spec = new NetworkSpec(new EmbeddingSpec(6, 4), [new RecurrentLayer(CellKind.GruResetAfter, 2)]);
        Assert.Equal(
            ["embed.weight 6x4", "rnn.weight_ih_l0 6x4", "rnn.weight_hh_l0 6x2", "rnn.bias_ih_l0 6", "rnn.bias_hh_l0 6"],
            Tensors(Written(spec)));
    }

    [Fact]
    public void Variants_that_PyTorch_does_not_have_are_named_like_its_own()
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 3)
        {
            Bidirectional = true,
            ProjectionSize = 2,
            Peepholes = true,
            CoupledGates = true,
            TrainableInitialState = true,
            Clip = 1.5,
            GateActivation = ActivationKind.HardSigmoid,
            OutputActivation = new(ActivationKind.Elu, 0.5, 0),
        };
        SafetensorsFile file = Written(new NetworkSpec(5, layer));
        Assert.Equal(
            [
                "weight_ih_l0 9x5", "weight_hh_l0 9x2", "bias_ih_l0 9", "bias_hh_l0 9", "weight_hr_l0 2x3", "weight_ph_l0 2x3", "h0_l0 2",
                "c0_l0 3",
                "weight_ih_l0_reverse 9x5", "weight_hh_l0_reverse 9x2", "bias_ih_l0_reverse 9", "bias_hh_l0_reverse 9",
                "weight_hr_l0_reverse 2x3", "weight_ph_l0_reverse 2x3", "h0_l0_reverse 2", "c0_l0_reverse 3",
            ],
            Tensors(file));
        Assert.Equal(
            """{"gate_activation":["hard_sigmoid",0.2,0.5],"output_activation":["elu",0.5,0],"coupled_gates":true,"clip":1.5}""",
            file.Metadata["spanrnn"]);
    }

    [Theory]
    [InlineData("""{"gate_activation":"tanh"}""", "has 'gate_activation' = '\"tanh\"', expected an activation with its alpha and beta")]
    [InlineData("""{"activation":["sinus",0,0]}""", "has 'activation' = ")]
    [InlineData("""{"coupled_gates":1}""", "has 'coupled_gates' = '1', expected true or false")]
    [InlineData("""{"clip":"big"}""", "has 'clip' = '\"big\"', expected a number")]
    [InlineData("""{"clip":-1}""", "contradict each other, expected one network: Layer 0: Clip is -1, expected a number above 0")]
    [InlineData("""{"output_activation":["relu",0,0]}""", "OutputActivation is Relu, expected Tanh: only LSTMs have one")]
    [InlineData("""{"activation":["elu",1,0],"nonlinearity":"relu"}""", "has 'nonlinearity' and 'activation', expected one of them")]
    public void A_variant_that_is_none_is_refused(string metadata, string expected) => Refuses(
        () => ModelFile.Load(Parse(metadata, ("weight_ih_l0", [2, 3]), ("weight_hh_l0", [2, 2]))), expected);

    [Fact]
    public void Peepholes_of_a_GRU_are_refused() => Refuses(
        () => Read(("weight_ih_l0", [6, 3]), ("weight_hh_l0", [6, 2]), ("weight_ph_l0", [3, 2])),
        "GruResetAfter with peepholes, expected none: only LSTMs have a c to see");

    [Theory]
    [InlineData(2, CellKind.Elman)]
    [InlineData(6, CellKind.GruResetAfter)]
    [InlineData(8, CellKind.Lstm)]
    public void The_cell_is_read_from_the_shape(int rows, CellKind cell) =>
        Assert.Equal(cell, FirstLayer(Read(("weight_ih_l0", [rows, 4]), ("weight_hh_l0", [rows, 2]))).Cell);

    [Fact]
    public void Values_go_to_the_slots_of_their_roles()
    {
        RecurrentModel model = Read(
            ("bias_hh_l0", [2]), ("weight_hh_l0_reverse", [2, 2]), ("weight_ih_l0", [2, 3]), ("weight_ih_l0_reverse", [2, 3]),
            ("bias_ih_l0", [2]), ("bias_ih_l0_reverse", [2]), ("weight_hh_l0", [2, 2]), ("bias_hh_l0_reverse", [2]));
        AlignedBuffer<double> parameters = model.ReadParameters<double>();

        for (int i = 0; i < model.Sources.Length; i++)
        {
            float[] expected = Ramp(model.Sources[i].Name, model.Spec.Parameters.Slots[i].Length);
            Assert.Equal(expected.Select(value => (double)value), model.Spec.Parameters.Slots[i].In(parameters.Span).ToArray());
        }

        ParameterSlot slot = model.Spec.Slot(0, Direction.Reverse, ParameterRole.RecurrentWeights)!;
        Assert.Equal(Ramp("weight_hh_l0_reverse", 4)[1], parameters.Span[slot.Offset + 1]);
    }

    [Fact]
    public void The_caller_chooses_the_nonlinearity_that_a_file_does_not_tell()
    {
        SafetensorsFile silent = Parse(null, ("weight_ih_l0", [2, 1]), ("weight_hh_l0", [2, 2]));
        SafetensorsFile relu = Parse("""{"nonlinearity":"relu"}""", ("weight_ih_l0", [2, 1]), ("weight_hh_l0", [2, 2]));

        Assert.Equal(ActivationKind.Tanh, FirstLayer(ModelFile.Load(silent)).Activation);
        Assert.Equal(ActivationKind.Relu, FirstLayer(ModelFile.Load(silent, ActivationKind.Relu)).Activation);
        Assert.Equal(ActivationKind.Relu, FirstLayer(ModelFile.Load(relu)).Activation);
        Assert.Equal(ActivationKind.Relu, FirstLayer(ModelFile.Load(relu, ActivationKind.Relu)).Activation);
        Refuses(() => ModelFile.Load(relu, ActivationKind.Tanh), "the nonlinearity is relu, expected tanh");
        SafetensorsFile lstm = Parse(null, ("weight_ih_l0", [8, 1]), ("weight_hh_l0", [8, 2]));
        Refuses(() => ModelFile.Load(lstm, ActivationKind.Relu), "the shapes belong to an LSTM, expected an RNN");
    }

    [Fact]
    public void States_are_ordered_by_layer_and_direction()
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 2) { Bidirectional = true, ProjectionSize = 1 };
        var spec = new NetworkSpec(1, [layer, layer]);
        RecurrentModel model = ModelFile.Load(Written(spec));
        ModelPort h0 = model.Input("h0")!, c0 = model.Input("c0")!;
        Assert.Equal([4, 3, 1], h0.Shape(1, 3));
        Assert.Equal([4, 3, 2], c0.Shape(1, 3));

        int[] hidden = [.. Enumerable.Range(100, 12)];
        int[] cell = [.. Enumerable.Range(200, 24)];
        int[] state = new int[3 * spec.StateSize];
        h0.ImportStates<int>(3, hidden, state);
        c0.ImportStates<int>(3, cell, state);

        StateSlot slot = spec.State(1, Direction.Reverse, StateKind.Cell)!;
        Assert.Equal([218, 219, 220, 221, 222, 223], slot.In<int>(state, 3).ToArray());
        int[] back = new int[24];
        model.Output("cn")!.ExportStates<int>(3, state, back);
        Assert.Equal(cell, back);
        back = new int[12];
        model.Output("hn")!.ExportStates<int>(3, state, back);
        Assert.Equal(hidden, back);
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        RecurrentModel gru = Read(("weight_ih_l0", [6, 4]), ("weight_hh_l0", [6, 2]));
        Assert.Null(gru.Input("c0"));
        Assert.Throws<ArgumentException>("array", () => gru.Input("h0")!.ImportStates<float>(1, new float[3], new float[2]));
        Assert.Throws<ArgumentException>("array", () => gru.Output("hn")!.ExportStates<float>(1, new float[2], new float[3]));
        Assert.Throws<ArgumentException>("parameters", () => PyTorchWriter.ToBytes<float>(gru.Spec, new float[3]));
        Assert.Throws<ArgumentException>(
            "type", () => PyTorchWriter.ToBytes<float>(gru.Spec, new float[gru.Spec.Parameters.Length], (ElementType)9));
    }

    [Theory]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("{", "expected a JSON object")]
    [InlineData("""{"x":"y"}""", "has the member 'x'")]
    [InlineData("""{"x\ud800":"y"}""", "expected a JSON object")]
    [InlineData("""{"nonlinearity":"relu","nonlinearity":"relu"}""", "has the member 'nonlinearity'")]
    [InlineData("""{"nonlinearity":"selu"}""", "'nonlinearity' = 'selu', expected one of tanh, relu")]
    [InlineData("""{"nonlinearity":1}""", "'nonlinearity' = '1'")]
    [InlineData("""{"gru":"reset_before"}""", "has 'gru', expected none, since the shapes belong to an RNN")]
    [InlineData("""{"head":"last_step"}""", "has 'head', expected none")]
    [InlineData("""{"head":"middle"}""",
        "'head' = 'middle', expected one of every_step, last_step, last_output, mean, maximum, sum, first, step:N")]
    [InlineData("""{"head":["mean"]}""", "'head' = '[\"mean\"]', expected one of every_step")]
    public void Unknown_metadata_is_refused(string text, string expected) =>
        Refuses(() => ModelFile.Load(Parse(text, ("weight_ih_l0", [2, 1]), ("weight_hh_l0", [2, 2]))), expected);

    /// <summary>An LSTM of 2 layers, both directions, input 3, hidden size 2, with a head of 5; each row changes one thing.</summary>
    [Theory]
    [InlineData("-bias_hh_l1", "there is no tensor 'bias_hh_l1', expected it beside 'bias_hh_l0'")]
    [InlineData("-weight_hh_l0", "there is no tensor 'weight_hh_l0'")]
    [InlineData("-weight_ih_l0", "there is no tensor 'weight_ih_l0'")]
    [InlineData("-weight_ih_l1_reverse", "there is no tensor 'weight_ih_l1_reverse', expected it beside 'weight_ih_l0_reverse'")]
    [InlineData("+weight_ih_l3=8,4", "there is no tensor 'weight_ih_l2'")]
    [InlineData("+weight_ih_l2147483647=8,4", "there is no tensor 'weight_ih_l2'")]
    [InlineData("+weight_hr_l1=1,2", "there is no tensor 'weight_hr_l0'")]
    [InlineData("+weight_ih_l01=8,4", "tensor 'weight_ih_l01' is not part")]
    [InlineData("+other.weight_ih_l0=8,3", "belong to two modules")]
    [InlineData("+weight_ih=8,3", "belong to two modules")]
    [InlineData("+embedding.weight=5,4", "the place of 'head' [5, 4], 'embedding' [5, 4] is not clear")]
    [InlineData("+embedding.weight=5,3,1", "the place of 'head' [5, 4], 'embedding' [5, 3, 1] is not clear")]
    [InlineData("+scale=1", "tensor 'scale' is not part")]
    [InlineData("-head.weight", "tensor 'head.bias' is not part")]
    [InlineData("=head.weight=5,3", "tensor 'head.weight' has shape [5, 3], expected at most one dense head on the 4")]
    [InlineData("=head.weight=0,4", "tensor 'head.weight' has shape [0, 4], expected at most one dense head on the 4")]
    [InlineData("=head.bias=4", "tensor 'head.bias' has shape [4], expected [5]")]
    [InlineData("=weight_ih_l0=8,2", "tensor 'weight_ih_l0_reverse' has shape [8, 3], expected [8, 2]")]
    [InlineData("=weight_ih_l0=9,3", "tensor 'weight_ih_l0' has shape [9, 3], expected [8, 3] in an LSTM of input size 3 and hidden")]
    [InlineData("=weight_ih_l0=24", "tensor 'weight_ih_l0' has shape [24], expected two sizes")]
    [InlineData("=weight_ih_l0=8,0", "tensor 'weight_ih_l0' has shape [8, 0], expected two sizes of 1 or more")]
    [InlineData("=weight_hh_l0=8,3", "tensor 'weight_hh_l0' has shape [8, 3], expected 1 (RNN), 3 (GRU) or 4 (LSTM) times")]
    [InlineData("=weight_hh_l0=0,0", "tensor 'weight_hh_l0' has shape [0, 0], expected two sizes of 1 or more")]
    [InlineData("=weight_hh_l1=12,3", "tensor 'weight_hh_l1' has shape [12, 3], expected [8, 2]")]
    [InlineData("=bias_ih_l0=8,1", "tensor 'bias_ih_l0' has shape [8, 1], expected [8]")]
    [InlineData("=bias_ih_l1_reverse=6", "tensor 'bias_ih_l1_reverse' has shape [6], expected [8]")]
    public void A_tensor_that_does_not_fit_is_named(string change, string expected)
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 2) { Bidirectional = true };
        var spec = new NetworkSpec(3, layer, layer, new DenseLayer(5));
        var tensors = Written(spec).Tensors.ToDictionary(
            tensor => tensor.Name.Replace("rnn.", "", StringComparison.Ordinal), tensor => tensor.Shape.ToArray());
        Assert.Equal(18, tensors.Count);

        string[] parts = change[1..].Split('=');
        Assert.Equal(change[0] != '+', tensors.ContainsKey(parts[0]));
        if (change[0] == '-')
        {
            tensors.Remove(parts[0]);
        }
        else
        {
            tensors[parts[0]] = [.. parts[1].Split(',').Select(int.Parse)];
        }

        Refuses(() => Read([.. tensors.Select(tensor => (tensor.Key, tensor.Value))]), expected);
    }

    [Fact]
    public void A_projection_that_contradicts_the_recurrent_weights_is_named() => Refuses(
        () => Read(("weight_ih_l0", [8, 1]), ("weight_hh_l0", [8, 1]), ("weight_hr_l0", [1, 3])),
        "tensor 'weight_hh_l0' has shape [8, 1], expected 12 rows for an LSTM whose 3 outputs are projected");

    [Fact]
    public void A_file_without_a_recurrent_layer_is_refused()
    {
        Refuses(() => Read(), "there are no tensors, expected PyTorch's names");
        Refuses(() => Read(("fc.weight", [2, 2])), "no recurrent layer among the 1 tensors, the first of which is 'fc.weight'");
    }

    [Fact]
    public void Element_types_may_differ_and_are_not_whole_numbers()
    {
        static byte[] File(string first, string second, int size) => FormatBytes.Safetensors(
            $$$"""
            {"weight_ih_l0":{"dtype":"{{{first}}}","shape":[1,1],"data_offsets":[0,{{{size}}}]},
            "weight_hh_l0":{"dtype":"{{{second}}}","shape":[1,1],"data_offsets":[{{{size}}},{{{size + 4}}}]}}
            """,
            new byte[size + 4]);

        Refuses(
            () => ModelFile.Load(SafetensorsFile.Parse(File("I16", "F32", 2), "m")),
            "tensor 'weight_ih_l0' has dtype I16, expected F64, F32, F16 or BF16");
        Assert.Equal("F32", ModelFile.Load(SafetensorsFile.Parse(File("F16", "F32", 2), "m")).Dtype);
        Assert.Equal("F64", ModelFile.Load(SafetensorsFile.Parse(File("F64", "F32", 8), "m")).Dtype);
    }

    [Fact]
    public void Layers_that_are_not_one_module_are_a_list_of_them()
    {
        var spec = new NetworkSpec(
            new EmbeddingSpec(5, 3),
            new DenseLayer(4) { Activation = ActivationKind.Relu },
            new RecurrentLayer(CellKind.Lstm, 2) { Bidirectional = true },
            new RecurrentLayer(CellKind.GruResetAfter, 3) { Reverse = true, Bias = false },
            new FinalStateLayer(),
            new DenseLayer(2),
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax });
        SafetensorsFile file = Written(spec);

        Assert.Equal(
            [
                "embed.weight 5x3", "layers.0.weight 4x3", "layers.0.bias 4", "layers.1.weight_ih_l0 8x4", "layers.1.weight_hh_l0 8x2",
                "layers.1.bias_ih_l0 8", "layers.1.bias_hh_l0 8", "layers.1.weight_ih_l0_reverse 8x4", "layers.1.weight_hh_l0_reverse 8x2",
                "layers.1.bias_ih_l0_reverse 8", "layers.1.bias_hh_l0_reverse 8", "layers.2.weight_ih_l0 9x4", "layers.2.weight_hh_l0 9x3",
                "head.weight 2x3", "head.bias 2",
            ],
            Tensors(file));
        Assert.StartsWith(
            """{"network":{"symbols":5,"input":3,"layers":[{"cell":"dense",""", file.Metadata["spanrnn"], StringComparison.Ordinal);
    }

    /// <summary>Layers without parameters have no tensors and no number; a dense layer on top is the head.</summary>
    [Fact]
    public void Layers_of_every_kind_have_the_names_of_their_modules()
    {
        var spec = new NetworkSpec(
            3,
            new AffineLayer(),
            new RecurrentLayer(CellKind.Lstm, 2) { Bidirectional = true, Bias = false },
            new MergeLayer(DirectionMerge.Sum),
            new NormalizationLayer(FeatureNormalization.RootMeanSquare) { Shift = false },
            new AttentionLayer(),
            new DenseLayer(2),
            new SkipLayer(5) { Scale = SkipScale.One },
            new PReluLayer(),
            new DenseLayer(3),
            new ActivationLayer(ActivationKind.Exp));

        Assert.Equal(
            [
                "layers.0.weight 3", "layers.0.bias 3", "layers.1.weight_ih_l0 8x3", "layers.1.weight_hh_l0 8x2",
                "layers.1.weight_ih_l0_reverse 8x3", "layers.1.weight_hh_l0_reverse 8x2", "layers.2.weight 2", "layers.3.weight 1x2",
                "layers.4.weight 2x2", "layers.4.bias 2", "layers.5.weight 1", "layers.6.weight 2", "head.weight 3x2", "head.bias 3",
            ],
            Tensors(Written(spec)));
        RoundTrip<double>(spec);
        RoundTrip<float>(new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 2), new FinalStateLayer { Cells = true }));
        RoundTrip<float>(new NetworkSpec(
            2, new RecurrentLayer(CellKind.Lstm, 2), new PoolLayer(Pooling.Last), new DenseLayer(1), new SkipLayer(2) { Features = 1 }));
    }

    [Fact]
    public void A_head_that_reads_one_row_by_name_is_in_one_module_with_the_layers()
    {
        var layer = new RecurrentLayer(CellKind.GruResetAfter, 2);
        Assert.Equal("""{"head":"mean"}""", Metadata(new PoolLayer(Pooling.Mean)));
        Assert.Equal("""{"head":"step:3"}""", Metadata(new StepLayer(3)));
        Assert.Equal("""{"head":"every_step"}""", Metadata());
        Assert.StartsWith("""{"network":{""", Metadata(new AttentionLayer()), StringComparison.Ordinal);

        // Of a layer that only runs forward the last output is the final state.
        SafetensorsFile last = Parse(
            """{"head":"last_output"}""", ("r.weight_ih_l0", [6, 1]), ("r.weight_hh_l0", [6, 2]), ("o.weight", [1, 2]));
        Assert.Equal(
            [layer with { Bias = false }, new FinalStateLayer(), new DenseLayer(1) { Bias = false }],
            ModelFile.Load(last).Spec.Layers.ToArray());

        string Metadata(params LayerSpec[] readout) =>
            Written(new NetworkSpec(1, [layer, .. readout, new DenseLayer(3)])).Metadata["spanrnn"];
    }

    /// <summary>Once a dense layer on top could also be no head; then it was in the list.</summary>
    [Fact]
    public void A_dense_layer_on_top_may_be_in_the_list()
    {
        const string Metadata = """
            {"network":{"input":1,"layers":[{"cell":"lstm","hidden":1,"bias":false},{"cell":"dense","hidden":2}]}}
            """;
        (string, int[])[] lstm = [("layers.0.weight_ih_l0", [4, 1]), ("layers.0.weight_hh_l0", [4, 1])];
        foreach (string name in new[] { "layers.1", "head" })
        {
            RecurrentModel model = ModelFile.Load(Parse(Metadata, [.. lstm, ($"{name}.weight", [2, 1]), ($"{name}.bias", [2])]));
            Assert.Equal($"{name}.weight", model.Sources[2].Name);
        }

        Refuses(
            () => ModelFile.Load(Parse(Metadata, [.. lstm, ("head.weight", [2, 1]), ("layers.1.bias", [2])])),
            "there is no tensor 'head.bias', expected it for the network in the metadata");
    }

    [Fact]
    public void A_readout_is_chosen_for_a_head_whose_file_does_not_tell()
    {
        SafetensorsFile silent = Parse(null, ("r.weight_ih_l0", [4, 1]), ("r.weight_hh_l0", [4, 1]), ("o.weight", [3, 1]));
        RecurrentModel model = ModelFile.Load(silent);
        Assert.Equal("The head is on every step.", model.Assumptions[0]);
        foreach (string name in Readout.Names)
        {
            Assert.True(Readout.TryParse(name.Replace('N', '7'), out LayerSpec? readout));
            RecurrentModel put = model.WithReadout(readout);
            Assert.Equal(readout, Readout.Of(put.Spec));
            Assert.Equal(model.ReadParameters<float>().Span.ToArray(), put.ReadParameters<float>().Span.ToArray());
            Assert.Equal(readout is null ? "[T, B, 3]" : "[B, 3]", put.Output("y")!.Axes);
            Assert.DoesNotContain("The head is on every step.", put.Assumptions);
            Assert.Same(put, put.WithReadout(readout));
            Refuses(
                () => put.WithReadout(new StepLayer(8)),
                $"the file says that its head is on {Readout.NameOf(readout)}, expected no step:8.");
        }

        Refuses(() => model.WithReadout(new AttentionLayer()), "its head cannot be on a AttentionLayer: Attention has weights of its own");
        Refuses(() => Read(("weight_ih_l0", [4, 1]), ("weight_hh_l0", [4, 1])).WithReadout(null), "the model has no head");
    }

    [Fact]
    public void Modules_of_a_file_may_be_named()
    {
        const string Metadata = """
            {"network":{"input":3,"layers":[{"cell":"gru_reset_after","hidden":2,"bias":false},{"cell":"lstm","hidden":2,"bias":false},
            {"cell":"lstm","hidden":2,"bias":false},{"cell":"dense","hidden":4}],"head":{"outputs":1,"position":"last_step","bias":false}},
            "modules":["net.cell","two","two","between","fc"]}
            """;
        (string, int[])[] tensors =
        [
            ("between.bias", [4]), ("between.weight", [4, 2]), ("fc.weight", [1, 4]), ("net.cell.weight_hh", [6, 2]),
            ("net.cell.weight_ih", [6, 3]), ("two.weight_hh_l0", [8, 2]), ("two.weight_hh_l1", [8, 2]), ("two.weight_ih_l0", [8, 2]),
            ("two.weight_ih_l1", [8, 2]),
        ];

        RecurrentModel model = ModelFile.Load(Parse(Metadata, tensors));

        Assert.Equal(
            [
                "net.cell.weight_ih", "net.cell.weight_hh", "two.weight_ih_l0", "two.weight_hh_l0", "two.weight_ih_l1", "two.weight_hh_l1",
                "between.weight", "between.bias", "fc.weight",
            ],
            model.Sources.ToArray().Select(source => source.Name));
        Assert.All(model.Sources.ToArray(), source => Assert.True(source.IsWhole));
        Assert.Equal(
            [new FinalStateLayer(), new DenseLayer(4) { Activation = ActivationKind.Tanh }, new DenseLayer(1) { Bias = false }],
            model.Spec.Layers[3..].ToArray());

        Refuses(
            "has 'modules' = '3', expected an array of names",
            "\"modules\":[\"net.cell\",\"two\",\"two\",\"between\",\"fc\"]", "\"modules\":3");
        Refuses("names 4 modules, expected 5", "\"two\",\"two\"", "\"two\"");
        Refuses("there is no tensor 'other.weight', expected it for the network", "\"fc\"", "\"other\"");
        Refuses("tensor 'between.weight' has shape [4, 2], expected [5, 2]", "\"hidden\":4", "\"hidden\":5");
        Refuses(
            "tensor 'fc.weight' is not part of the network", ",\"head\":{\"outputs\":1,\"position\":\"last_step\",\"bias\":false}", "");
        Refuses("has the member 'clip', expected 'network' and at most 'modules'", "\"modules\"", "\"clip\":1,\"modules\"");
        Refuses("the network is '{", "\"gru_reset_after\"", "\"transformer\"");

        void Refuses(string expected, string from, string to)
        {
            string changed = Metadata.Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(Metadata, changed);
            if (to.Length == 0)
            {
                changed = changed.Replace(",\"fc\"", "", StringComparison.Ordinal);
            }

            PyTorchModelTests.Refuses(() => ModelFile.Load(Parse(changed, tensors)), expected);
        }
    }

    [Fact]
    public void A_million_small_layers_are_refused_before_they_take_time()
    {
        string layers = string.Join(',', Enumerable.Repeat("""{"cell":"lstm","hidden":1}""", 100_000));
        Refuses(
            () => ModelFile.Load(Parse($$$"""{"network":{"input":1,"layers":[{{{layers}}}]}}""")), "expected a description such as");
        Refuses(
            () => Read([.. Enumerable.Range(0, 3000).SelectMany(layer => new (string, int[])[]
            {
                ($"weight_ih_l{layer}", [1, 1]), ($"weight_hh_l{layer}", [1, 1]),
            })]),
            "There are more than 1000 layers");
    }

    [Theory]
    [InlineData(ElementType.Half, "F16", 0.333251953125f)]
    [InlineData(ElementType.BFloat16, "BF16", 0.333984375f)]
    [InlineData(ElementType.Single, "F32", 1 / 3f)]
    [InlineData(ElementType.Double, "F64", 1 / 3f)]
    public void A_network_is_written_in_every_element_type(ElementType type, string dtype, float third)
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 3), new DenseLayer(1));
        float[] parameters = new float[spec.Parameters.Length];
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            slot.In(parameters.AsSpan()).Fill(1 / 3f);
        }

        RecurrentModel model = ModelFile.Load(SafetensorsFile.Parse(PyTorchWriter.ToBytes<float>(spec, parameters, type), "m"));

        Assert.Equal(dtype, model.Dtype);
        Assert.All(spec.Parameters.Slots.ToArray(), slot =>
            Assert.All(slot.In<float>(model.ReadParameters<float>().Span).ToArray(), value => Assert.Equal(third, value)));
        parameters[0] = 1e38f;
        if (type is ElementType.Half)
        {
            Assert.Throws<ArgumentException>("values", () => PyTorchWriter.ToBytes<float>(spec, parameters, type));
        }
    }

    private static void RoundTrip<T>(NetworkSpec spec)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new RandomSource(7);
        var written = new AlignedBuffer<T>(spec.Parameters.Length);
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            foreach (ref T value in slot.In(written.Span))
            {
                value = T.CreateTruncating(random.NextNormal());
            }
        }

        // Numbers that a comparison by value would not tell apart.
        written.Span[0] = T.NaN;
        written.Span[1] = T.NegativeZero;

        RecurrentModel model = ModelFile.Load(SafetensorsFile.Parse(PyTorchWriter.ToBytes<T>(spec, written.Span), "m"));

        Assert.Equal(typeof(T) == typeof(float) ? "F32" : "F64", model.Dtype);
        Assert.Equal(spec.InputSize, model.Spec.InputSize);
        Assert.Equal(spec.Embedding, model.Spec.Embedding);
        Assert.Equal(spec.Layers.ToArray(), model.Spec.Layers.ToArray());
        Assert.True(MemoryMarshal.AsBytes(written.Span).SequenceEqual(MemoryMarshal.AsBytes(model.ReadParameters<T>().Span)));
    }

    private static Dictionary<string, NetworkSpec> AllSpecs()
    {
        Dictionary<string, NetworkSpec> specs = [];
        RecurrentLayer[] cells =
        [
            new RecurrentLayer(CellKind.Elman, 3),
            new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Relu },
            new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Sigmoid },
            new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Identity },
            new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.HardStep },
            new RecurrentLayer(CellKind.GruResetAfter, 3),
            new RecurrentLayer(CellKind.GruResetBefore, 3),
            new RecurrentLayer(CellKind.Lstm, 3),
            new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2 },
        ];
        foreach (RecurrentLayer layer in SpanRnn.Tests.Variants.Unusual(3))
        {
            specs.Add($"unusual {specs.Count} {layer.Cell}", new NetworkSpec(4, layer, layer, new FinalStateLayer(), new DenseLayer(2)));
            specs.Add(
                $"unusual {specs.Count} {layer.Cell} both ways",
                new NetworkSpec(layer.OutputSize * 2, [layer with { Bidirectional = true }, layer with { Bidirectional = true }]));
        }

        specs.Add("dense and reverse", new NetworkSpec(
            4,
            new DenseLayer(3) { Activation = ActivationKind.Sigmoid, Bias = false },
            new RecurrentLayer(CellKind.Lstm, 2) { Reverse = true, ProjectionSize = 1 },
            new RecurrentLayer(CellKind.GruResetBefore, 3)
            {
                Bidirectional = true,
                TrainableInitialState = true,
                ReverseActivations = new(ActivationKind.Relu, ActivationKind.HardSigmoid, ActivationKind.Tanh),
            },
            new FinalStateLayer(),
            new DenseLayer(5),
            new DenseLayer(2) { Activation = ActivationKind.Softsign },
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.LogSoftmax }));
        specs.Add("two cells", new NetworkSpec(
            new EmbeddingSpec(4, 2), [new RecurrentLayer(CellKind.Elman, 3), new RecurrentLayer(CellKind.Lstm, 3)]));
        specs.Add("reverse alone", new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 3) { Reverse = true }));
        specs.Add("dense alone", new NetworkSpec(
            2, new DenseLayer(3) { Activation = ActivationKind.Tanh }, new DenseLayer(2)));
        specs.Add("a head with an activation", new NetworkSpec(
            2, new RecurrentLayer(CellKind.Elman, 3), new DenseLayer(2) { Activation = ActivationKind.Sigmoid }));

        LayerSpec[][] heads =
        [
            [],
            [new DenseLayer(2)],
            [new FinalStateLayer(), new DenseLayer(2)],
            [new PoolLayer(Pooling.Maximum), new DenseLayer(1) { Bias = false }],
            [new PoolLayer(Pooling.Last), new DenseLayer(1)],
        ];
        foreach (RecurrentLayer cell in cells)
        {
            specs.Add(
                $"embedded {cell.Cell} {cell.Activation.Kind} {cell.ProjectionSize}",
                new NetworkSpec(new EmbeddingSpec(5, 4), [cell, .. heads[1]]));
            foreach (LayerSpec[] head in heads)
            {
                for (int variant = 0; variant < 4; variant++)
                {
                    RecurrentLayer layer = cell with { Bidirectional = (variant & 1) != 0, Bias = (variant & 2) != 0 };
                    int layers = 1 + (specs.Count % 3);
                    specs.Add(
                        $"{layers} x {layer.Cell} {layer.Activation.Kind} {layer.ProjectionSize} {layer.Bidirectional} {layer.Bias} "
                            + string.Join<LayerSpec>(' ', head),
                        new NetworkSpec(4, [.. Enumerable.Repeat(layer, layers), .. head]));
                }
            }
        }

        return specs;
    }

    private static RecurrentLayer FirstLayer(RecurrentModel model) => Assert.IsType<RecurrentLayer>(model.Spec.Layers[0]);

    private static SafetensorsFile Written(NetworkSpec spec) =>
        SafetensorsFile.Parse(PyTorchWriter.ToBytes<float>(spec, new float[spec.Parameters.Length]), "m");

    private static string[] Tensors(SafetensorsFile file) =>
        [.. file.Tensors.Select(tensor => $"{tensor.Name} {string.Join('x', tensor.Shape.ToArray())}")];

    private static SafetensorsFile Parse(string? metadata, params (string Name, int[] Shape)[] tensors)
    {
        var writer = new SafetensorsWriter();
        if (metadata is not null)
        {
            writer.Metadata["spanrnn"] = metadata;
        }

        foreach ((string name, int[] shape) in tensors)
        {
            writer.Add<float>(name, shape, Ramp(name, shape.Aggregate(1, (product, size) => product * size)));
        }

        return SafetensorsFile.Parse(writer.ToBytes(), "m");
    }

    private static RecurrentModel Read(params (string Name, int[] Shape)[] tensors) => ModelFile.Load(Parse(null, tensors));

    // Different in every tensor.
    private static float[] Ramp(string name, int length) =>
        [.. Enumerable.Range(0, length).Select(i => name.Sum(c => c) + (i / 64f))];

    private static void Refuses(Action read, string expected)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(read);
        Assert.StartsWith("m: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
