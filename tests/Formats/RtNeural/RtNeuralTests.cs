using System.Globalization;
using System.Text;

namespace SpanRnn.Tests;

public class RtNeuralTests
{
    private const string Lstm =
        """{"type":"lstm","activation":"tanh","shape":[null,null,1],"weights":[[[1,2,3,4]],[[5,6,7,8]],[9,10,11,12]]}""";

    private const string Dense = """{"type":"dense","activation":"","shape":[null,null,2],"weights":[[[1,2]],[3,4]]}""";

    [CasesTheory]
    [InlineData("rtneural_gru")]
    [InlineData("rtneural_gru_1d")]
    [InlineData("rtneural_gru_torch")]
    [InlineData("rtneural_lstm")]
    [InlineData("rtneural_lstm_1d")]
    [InlineData("rtneural_lstm_torch")]
    public void The_authors_outputs_come_out(string name)
    {
        string folder = Path.Combine(Cases.Folder!, "rtneural", name);
        RecurrentModel model = ModelFile.Load(Path.Combine(folder, "model.json"));

        float[] y = ModelRun.Steps(model, [.. Numbers("input.csv").Select(value => (float)value)]);

        Assert.Empty(model.Unused);
        ModelRun.Agree([.. Numbers("expected.csv")], y, 5e-6);

        IEnumerable<double> Numbers(string file) => File.ReadLines(Path.Combine(folder, file))
            .Where(line => line.Length > 0)
            .Select(line => double.Parse(line.Trim().TrimEnd(','), CultureInfo.InvariantCulture));
    }

    [CasesFact]
    public void The_bad_file_is_refused_with_both_sizes()
    {
        string path = Path.Combine(Cases.Folder!, "rtneural", "rtneural_bad_lstm", "model.json");

        ModelFormatException e = Assert.Throws<ModelFormatException>(() => ModelFile.Load(path));

        Assert.Equal(
            $"{path}: layer 0 ('lstm') has the shape of 16 units, but its weights[1] have shape [20, 80], the shape of 20 units, "
            + "expected one size.",
            e.Message);
    }

    [Fact]
    public void Arrays_go_to_their_gates()
    {
        RecurrentModel model = Read(Model(Lstm, Dense));
        float[] parameters = model.ReadParameters<float>().Span.ToArray();

        // Keras has i f c o, as this library has i f g o.
        Assert.Equal([new RecurrentLayer(CellKind.Lstm, 1), new DenseLayer(2)], model.Spec.Layers.ToArray());
        Assert.Equal([1, 2, 3, 4], Slot(ParameterRole.InputWeights));
        Assert.Equal([5, 6, 7, 8], Slot(ParameterRole.RecurrentWeights));
        Assert.Equal([9, 10, 11, 12], Slot(ParameterRole.InputBias));
        Assert.Equal([0, 0, 0, 0], Slot(ParameterRole.RecurrentBias));
        Assert.Equal([1, 2], Slot(ParameterRole.InputWeights, 1));
        Assert.Equal([3, 4], Slot(ParameterRole.InputBias, 1));

        float[] Slot(ParameterRole role, int layer = 0) => model.Spec.Slot(layer, Direction.Forward, role)!.In(parameters).ToArray();
    }

    [Fact]
    public void A_GRU_has_z_r_h_and_two_biases()
    {
        RecurrentModel model = Read(Model(
            """{"type":"gru","activation":"tanh","shape":[null,null,1],"weights":[[[1,2,3]],[[4,5,6]],[[7,8,9],[10,11,12]]]}"""));
        float[] parameters = model.ReadParameters<float>().Span.ToArray();

        Assert.Equal(new RecurrentLayer(CellKind.GruResetAfter, 1), Assert.Single(model.Spec.Layers.ToArray()));
        Assert.Equal([2, 1, 3], Slot(ParameterRole.InputWeights));
        Assert.Equal([5, 4, 6], Slot(ParameterRole.RecurrentWeights));
        Assert.Equal([8, 7, 9], Slot(ParameterRole.InputBias));
        Assert.Equal([11, 10, 12], Slot(ParameterRole.RecurrentBias));

        float[] Slot(ParameterRole role) => model.Spec.Slot(0, Direction.Forward, role)!.In(parameters).ToArray();
    }

    [Fact]
    public void Layers_without_a_bias_and_all_activations_are_read()
    {
        RecurrentModel model = Read(Model(
            """{"type":"time-distributed-dense","activation":"relu","shape":[null,null,1],"weights":[[[1]]]}""",
            """{"type":"lstm","activation":"","shape":[null,null,1],"weights":[[[1,2,3,4]],[[5,6,7,8]]]}""",
            """{"type":"dense","activation":"elu","shape":[null,null,1],"weights":[[[1]],[1]]}""",
            """{"type":"dense","activation":"","shape":[null,null,2],"weights":[[[1,2]],[1,2]]}""",
            """{"type":"activation","activation":"sigmoid","shape":[null,null,2],"weights":[]}""",
            """{"type":"activation","activation":"softmax","shape":[null,null,2],"weights":[]}"""));

        Assert.Equal(
            [
                new DenseLayer(1) { Bias = false, Activation = ActivationKind.Relu },
                new RecurrentLayer(CellKind.Lstm, 1) { Bias = false },
                new DenseLayer(1) { Activation = ActivationKind.Elu },
                new DenseLayer(2) { Activation = ActivationKind.Sigmoid },
                new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
            ],
            model.Spec.Layers.ToArray());
    }

    [Fact]
    public void What_goes_with_the_network_is_kept()
    {
        RecurrentModel model = Read(
            """{"in_shape":[null,null,1],"layers":[""" + Lstm + ","
            + """{"type":"dense","activation":"","shape":[null,null,1],"weights":[[[1]],[1]]}],"""
            + """
            "in_skip":0,"in_gain":0,"samplerate":"48000","author":"a","esr":0.5,"input_batch":[1,2],"metadata":{"name":"n","t":[1]}}
            """);

        Assert.Equal(48000, model.SampleRate);
        Assert.Equal(["author a", "esr 0.5", "name n", "samplerate 48000", "t [1]"], Texts(model));
        Assert.Equal(["member 'input_batch'"], model.Unused);
        Assert.Equal("RTNeural's JSON, Keras's layers", model.Format);
    }

    [Fact]
    public void Gains_are_factors_of_the_first_and_the_last_weights()
    {
        // 20 dB are a factor of 10, 40 dB one of 100.
        RecurrentModel model = Read(
            """{"in_shape":[1],"in_gain":20,"out_gain":40,"layers":[""" + Lstm + "," + Dense + "]}");
        float[] parameters = model.ReadParameters<float>().Span.ToArray();

        Assert.Equal([10, 20, 30, 40], model.Spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.In(parameters));
        Assert.Equal([5, 6, 7, 8], model.Spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters));
        Assert.Equal([100, 200], model.Spec.Slot(1, Direction.Forward, ParameterRole.InputWeights)!.In(parameters));
        Assert.Equal([300, 400], model.Spec.Slot(1, Direction.Forward, ParameterRole.InputBias)!.In(parameters));
        Assert.False(model.Sources[0].IsWhole);
    }

    [Fact]
    public void A_module_of_guitar_amp_modelling_is_read()
    {
        const string State = """
            "state_dict":{"rec.weight_ih_l0":[[1],[2],[3],[4]],"rec.weight_hh_l0":[[5],[6],[7],[8]],"rec.bias_ih_l0":[1,2,3,4],
            "rec.bias_hh_l0":[5,6,7,8],"lin.weight":[[9]],"lin.bias":[10]}
            """;
        const string Data = """
            "model_data":{"model":"SimpleRNN","input_size":1,"skip":0,"output_size":1,"unit_type":"LSTM","num_layers":1,"hidden_size":1,
            "bias_fl":true}
            """;

        RecurrentModel model = Read("{" + Data + "," + State + ""","sample_rate":44100}""");

        Assert.Equal([new RecurrentLayer(CellKind.Lstm, 1), new DenseLayer(1)], model.Spec.Layers.ToArray());
        Assert.Equal([1, 2, 3, 4], model.ReadParameters<float>().Span[..4].ToArray());
        Assert.Equal(44100, model.SampleRate);
        Assert.Equal("SimpleRNN", model.Metadata["model"]);
        RecurrentModel around = Read("{" + Data.Replace("\"skip\":0", "\"skip\":1", StringComparison.Ordinal) + "," + State + "}");
        Assert.Equal(new SkipLayer(0) { Features = 1 }, around.Spec.Layers[^1]);
        Refuses(
            "'skip' is '2', expected 0 to 1",
            "{" + Data.Replace("\"skip\":0", "\"skip\":2", StringComparison.Ordinal) + "," + State + "}");
        Refuses(
            "'hidden_size' is 3, expected 1",
            "{" + Data.Replace("\"hidden_size\":1", "\"hidden_size\":3", StringComparison.Ordinal) + "," + State + "}");
        Refuses("'unit_type' is 'GRU', expected LSTM", "{" + Data.Replace("LSTM", "GRU", StringComparison.Ordinal) + "," + State + "}");
    }

    [Fact]
    public void Modules_of_a_state_dict_follow_each_other()
    {
        RecurrentModel model = Read("""
            {"b.weight_ih_l0":[[1,2],[3,4],[5,6]],"b.weight_hh_l0":[[7],[8],[9]],
            "a.weight_ih_l0":[[1],[2]],"a.weight_hh_l0":[[7,8],[9,10]],"out.weight":[[11,12]]}
            """);

        Assert.Equal(
            [
                new RecurrentLayer(CellKind.GruResetAfter, 1) { Bias = false },
                new RecurrentLayer(CellKind.Elman, 2) { Bias = false },
                new DenseLayer(1) { Bias = false },
            ],
            model.Spec.Layers.ToArray());
        Assert.Equal(["b.weight_ih_l0", "b.weight_hh_l0", "a.weight_ih_l0", "a.weight_hh_l0", "out.weight"], Names(model));
    }

    [Fact]
    public void The_nonlinearity_of_a_state_dict_may_be_chosen_and_that_of_layers_not()
    {
        byte[] rnn = Encoding.UTF8.GetBytes("""{"weight_ih_l0":[[1]],"weight_hh_l0":[[1]]}""");
        Assert.Equal(
            ActivationKind.Relu,
            Assert.IsType<RecurrentLayer>(ModelFile.Load(rnn, "m.json", ActivationKind.Relu).Spec.Layers[0]).Activation.Kind);
        ModelRun.Refuses(
            () => ModelFile.Load(Encoding.UTF8.GetBytes(Model(Lstm)), "m.json", ActivationKind.Relu), "the file names the activations");
    }

    [Theory]
    [InlineData("conv1d")]
    [InlineData("conv2d")]
    [InlineData("batchnorm2d")]
    [InlineData("unknown")]
    public void A_layer_that_is_not_known_is_refused_by_name_and_index(string type) => Refuses(
        $"layer 1 ('{type}') is of a type that is not supported, expected one of dense,",
        Model(Lstm, $$"""{"type":"{{type}}","activation":"","shape":[null,null,1],"weights":[]}"""));

    [Theory]
    [InlineData("""{"layers":[]}""", "has no 'in_shape', expected one")]
    [InlineData("""{"in_shape":[],"layers":[]}""", "'in_shape' is an array of 0, expected an array of sizes")]
    [InlineData("""{"in_shape":[null],"layers":[]}""", "'in_shape'[0] is 'null', expected a whole number from 1")]
    [InlineData("""{"in_shape":[1.5],"layers":[]}""", "'in_shape'[0] is '1.5', expected a whole number from 1")]
    [InlineData("""{"in_shape":[1],"layers":[]}""", "the layers are not a network: The network has no layers")]
    [InlineData("""{"in_shape":[1],"layers":{}}""", "'layers' is an object, expected an array")]
    [InlineData("""{"in_shape":[1],"layers":[3]}""", "'layers'[0] is '3', expected an object with 'type'")]
    [InlineData("""{"in_shape":[1],"layers":[{"type":"lstm"}]}""", "'layers'[0] has no 'shape', expected one")]
    [InlineData("""{"in_shape":[1],"in_skip":2,"layers":[]}""", "'in_skip' is '2', expected 0 to 1")]
    [InlineData("""{"in_shape":[1],"samplerate":-1,"layers":[]}""", "'samplerate' is '-1', expected a number above 0")]
    [InlineData("""{"in_shape":[1],"samplerate":"fast","layers":[]}""", "'samplerate' is 'fast', expected a number above 0")]
    [InlineData("""{"in_shape":[1],"in_shape":[1],"layers":[]}""", "the file is not JSON")]
    [InlineData("""{"in_shape":[1],"layers":[]""", "the file is not JSON from line 1, byte")]
    [InlineData("""{"in_shape":[1],"layers":[],"a\ud800":1}""", "has a string that is not Unicode")]
    [InlineData("[]", "the file is an array of 0, expected an object")]
    [InlineData("{}", "there are no tensors, expected PyTorch's names")]
    [InlineData("""{"a.weight":[[1]]}""", "there is no recurrent layer among the 1 tensors")]
    [InlineData("""{"weight_ih_l0":[[1],[2,3]]}""", "'weight_ih_l0' has 2 items at [1], expected 1 items as in the arrays before it")]
    [InlineData("""{"weight_ih_l0":[[1],2]}""", "'weight_ih_l0' has no array at [1], expected 1 items")]
    [InlineData("""{"weight_ih_l0":[[1],[[2]]]}""", "'weight_ih_l0' has an array of 1 at [1][0], expected a number that a float can hold")]
    [InlineData("""{"weight_ih_l0":[[1],[1e999]]}""", "'weight_ih_l0' has '1e999' at [1][0], expected a number that a float can hold")]
    [InlineData("""{"weight_ih_l0":[[1],[NaN]]}""", "the file is not JSON from line 1, byte 2")]
    public void A_broken_file_is_refused(string text, string expected) => Refuses(expected, text);

    [Theory]
    [InlineData("[[[1,2,3]],[[5,6,7,8]],[9,10,11,12]]", "weights[0] of shape [1, 3], expected [1, 4]")]
    [InlineData("[[[1,2,3,4],[1,2,3,4]],[[5,6,7,8]],[9,10,11,12]]", "weights[0] of shape [2, 4], expected [1, 4]")]
    [InlineData("[[[1,2,3,4]],[[5,6,7,8],[5,6,7,8]],[9,10,11,12]]", "weights[1] have shape [2, 4], the shape of 2 units")]
    [InlineData("[[[1,2,3,4]],[5,6,7,8],[9,10,11,12]]", "weights[1] of shape [4], expected [1, 4]")]
    [InlineData("[[[1,2,3,4]],[[5,6,7,8]],[9,10,11]]", "weights[2] of shape [3], expected [4]")]
    [InlineData("[[[1,2,3,4]]]", "has 1 arrays of weights, expected 2, or 3 with a bias")]
    [InlineData("[[],[],[]]", "weights[0] of shape [0], expected [1, 4]")]
    public void Arrays_that_do_not_fit_are_named(string weights, string expected) => Refuses(
        expected, Model($$"""{"type":"lstm","activation":"tanh","shape":[null,null,1],"weights":{{weights}}}"""));

    [Theory]
    [InlineData("lstm", "relu", "layer 0 ('lstm') has the activation 'relu', expected tanh")]
    [InlineData("dense", "prelu", "layer 0 ('dense') has the activation 'prelu', expected tanh, relu, sigmoid, elu, softmax or none")]
    public void An_activation_without_an_equal_is_named(string type, string activation, string expected) => Refuses(
        expected, Model($$"""{"type":"{{type}}","activation":"{{activation}}","shape":[null,null,1],"weights":[[[1]],[1]]}"""));

    [Fact]
    public void A_gain_has_a_limit() => Refuses(
        "'out_gain' is '1e300', expected a gain of at most 200 dB",
        """{"in_shape":[1],"out_gain":1e300,"layers":[""" + Lstm + "," + Dense + "]}");

    [Fact]
    public void Layers_may_follow_a_softmax() => Assert.Equal(
        [
            new DenseLayer(1),
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
            new RecurrentLayer(CellKind.Lstm, 1),
        ],
        Read(Model("""{"type":"dense","activation":"softmax","shape":[1],"weights":[[[1]],[1]]}""", Lstm)).Spec.Layers.ToArray());

    [Fact]
    public void Nesting_has_a_limit()
    {
        Refuses("the file is not JSON", """{"a":""" + new string('[', 100_000) + new string(']', 100_000) + "}");
        Refuses("the file is not JSON", new string('[', 100_000));
    }

    [Fact]
    public void Many_layers_are_refused_before_they_take_time()
    {
        const string Small = """{"type":"dense","activation":"","shape":[1],"weights":[[[1]]]}""";
        Refuses(
            "the layers are not a network: There are more than 1000 layers",
            Model([.. Enumerable.Repeat(Small, 20_000)]));
    }

    [Fact]
    public void A_wide_layer_with_two_activations_does_not_allocate_its_square()
    {
        string numbers = string.Join(',', Enumerable.Repeat("1", 50_000));
        string dense = $$"""{"type":"dense","activation":"tanh","shape":[50000],"weights":[[[{{numbers}}]]]}""";
        const string Activate = """{"type":"activation","activation":"tanh","shape":[50000],"weights":[]}""";
        Assert.Equal(
            [new DenseLayer(50_000) { Bias = false, Activation = ActivationKind.Tanh }, new ActivationLayer(ActivationKind.Tanh)],
            Read(Model(dense, Activate)).Spec.Layers.ToArray());
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Equal(1, ModelFile.Load(Encoding.UTF8.GetBytes('\uFEFF' + Model(Lstm)), "m.JSON").Spec.InputSize);

    private static string Model(params string[] layers) => $$"""{"in_shape":[null,null,1],"layers":[{{string.Join(',', layers)}}]}""";

    private static RecurrentModel Read(string text) => ModelFile.Load(Encoding.UTF8.GetBytes(text), "m.json");

    private static string[] Texts(RecurrentModel model) =>
        [.. model.Metadata.Select(entry => $"{entry.Key} {entry.Value}").Order(StringComparer.Ordinal)];

    private static string[] Names(RecurrentModel model) => [.. model.Sources.ToArray().Select(source => source.Name)];

    private static void Refuses(string expected, string text) => ModelRun.Refuses(() => Read(text), expected);
}
