using SpanRnn.Formats.Onnx;

namespace SpanRnn.Tests;

/// <summary>Graphs in the style of other exporters, and graphs that are refused.</summary>
public class OnnxReaderTests
{
    private const int Hidden = 4;
    private const int Inputs = 3;

    private static readonly double[] _alphas = [1];
    private static readonly double[] _betas = [0];
    private static readonly string[] _number = ["3", "Tanh", "Tanh"];
    private static readonly string[] _one = ["Tanh"];
    private static readonly string[] _affine = ["Affine"];
    private static readonly string[] _affines = ["Affine", "Tanh", "Tanh"];

    /// <summary>Keras by tf2onnx: states made from the shape of the input, the last step of Y, MatMul and Add, a softmax.</summary>
    [Fact]
    public void Keras_style_graphs_are_read()
    {
        OnnxBuilder graph = Lstm();
        string shape = graph.Node("Shape", ["x"]);
        string batch = graph.Node("Gather", [shape, graph.Integers(0)], ("axis", 0L));
        string sizes = graph.Node("Concat", [graph.Integers(1), batch, graph.Integers(Hidden)], ("axis", 0L));
        string state = graph.Node("Expand", [Zero(graph), sizes]);
        string x = graph.Node("Transpose", ["x"], ("perm", new long[] { 1, 0, 2 }));
        graph.Node("LSTM", [x, "W", "R", "B", "", state, state], ["Y", "Yh", "Yc"], ("hidden_size", (long)Hidden));
        string last = graph.Node("Squeeze", ["Yh", graph.Integers(0)]);
        string product = graph.Node("MatMul", [last, "kernel"]);
        graph.Node("Softmax", [graph.Node("Add", [product, "bias"])], ["probabilities"], ("axis", -1L));
        RecurrentModel model = ModelFile.Load(graph.Output("probabilities").ToBytes(), "m.onnx");

        Assert.Equal("[B, T, 3]", model.Input("x")!.Axes);
        Assert.Equal("[B, 2]", model.Output("probabilities")!.Axes);
        Assert.Equal(
            [
                new RecurrentLayer(CellKind.Lstm, Hidden),
                new FinalStateLayer(),
                new DenseLayer(2),
                new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax },
            ],
            model.Spec.Layers.ToArray());
        Assert.Equal("ONNX, opset 17", model.Format);
        Assert.Empty(model.Unused);
    }

    /// <summary>h and c of one layer, h of both, and h and c of both side by side, each in front of a Gemm or of an activation.</summary>
    [Theory]
    [InlineData("h1 c1", false, true)]
    [InlineData("h0 h1", true, false)]
    [InlineData("h0 h1 c0 c1", true, true)]
    public void Final_states_side_by_side_are_a_readout(string states, bool all, bool cells)
    {
        foreach (bool activated in new[] { false, true })
        {
            RecurrentModel model = ModelFile.Load(SideBySide(states, activated), "m.onnx");

            var lstm = new RecurrentLayer(CellKind.Lstm, Hidden) { Bias = false };
            LayerSpec[] expected =
            [
                lstm, lstm, new FinalStateLayer { AllLayers = all, Cells = cells },
                .. activated ? new LayerSpec[] { new ActivationLayer(ActivationKind.Tanh) } : [],
                new DenseLayer(2) { Bias = false },
            ];
            Assert.Equal(expected, model.Spec.Layers.ToArray());
            Assert.Equal("[B, 2]", model.Output("y")!.Axes);
        }
    }

    [Theory]
    [InlineData("c1 h1")]
    [InlineData("h1 h0")]
    [InlineData("h0 c1")]
    [InlineData("h0 c0 h1 c1")]
    public void Final_states_in_another_order_are_refused(string states) => Assert.Contains(
        "takes parts of different layers or inputs",
        Assert.Throws<ModelFormatException>(() => ModelFile.Load(SideBySide(states, activated: false), "m.onnx")).Message,
        StringComparison.Ordinal);

    // Two LSTMs, their states joined in that order, and a Gemm.
    private static byte[] SideBySide(string states, bool activated)
    {
        string[] parts = states.Split(' ');
        int width = parts.Length * Hidden;
        OnnxBuilder graph = Lstm().Constant("W1", [1, 4 * Hidden, Hidden], Numbers(4 * Hidden * Hidden))
            .Constant("K", [2, width], Numbers(2 * width));
        graph.Node("LSTM", ["x", "W", "R"], ["y0", "h0", "c0"], ("hidden_size", (long)Hidden));
        graph.Node(
            "LSTM", [graph.Node("Squeeze", ["y0", graph.Integers(1)]), "W1", "R"], ["y1", "h1", "c1"], ("hidden_size", (long)Hidden));
        string joined = graph.Node("Concat", [.. parts.Select(part => graph.Node("Squeeze", [part, graph.Integers(0)]))], ("axis", -1L));
        joined = activated ? graph.Node("Tanh", [joined]) : joined;
        graph.Node("Gemm", [joined, "K"], ["y"], ("transB", 1L));
        return graph.Output("y").ToBytes();

        static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => ((i % 7) - 3) / 8f)];
    }

    [Fact]
    public void Features_may_stand_in_another_order_than_the_network_reads_them()
    {
        // Of x [T, B, 2·3] the network reads the features turned: 0 3 1 4 2 5.
        var graph = new OnnxBuilder();
        graph.Input("x", -1, -2, 6).Output("Y").Constant("W", [1, 1, 6], [1, 10, 100, 1000, 10000, 100000]).Constant("R", [1, 1, 1], [0]);
        string apart = graph.Node("Reshape", ["x", graph.Integers(0, 0, 2, 3)]);
        string turned = graph.Node("Transpose", [apart], ("perm", new long[] { 0, 1, 3, 2 }));
        string joined = graph.Node("Reshape", [turned, graph.Integers(0, 0, 6)]);
        graph.Node(
            "RNN", [joined, "W", "R"], ["Y"], ("activations", _affine), ("activation_alpha", _alphas), ("activation_beta", _betas));
        RecurrentModel model = ModelFile.Load(graph.ToBytes(), "m.onnx");
        float[] x = [1, 2, 3, 4, 5, 6], turnedX = new float[6], y = new float[1];

        model.Input("x")!.ToNetwork<float>(1, 1, x, turnedX);
        var network = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span);
        network.CreateStream().Step(turnedX, y);

        Assert.Equal([1, 4, 2, 5, 3, 6], turnedX);
        Assert.Equal(635241, y[0]);
    }

    [Fact]
    public void What_layers_stand_on_is_no_constant_though_an_array_is_given_for_it()
    {
        OnnxBuilder graph = Lstm();
        graph.Node("LSTM", [graph.Node("Transpose", ["x"], ("perm", new long[] { 1, 0, 2 })), "W", "R"], ["Y"]);
        graph.Node("Mul", [graph.Node("Squeeze", ["Y", graph.Integers(1)]), "x"], ["Z"]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("m.onnx"), graph.Output("Z").ToBytes());
        var x = NpyArray.Parse(NpyArray.From<float>([2, 2, Inputs], new float[4 * Inputs]).ToBytes(), "x.npy");
        var given = new Dictionary<string, NpyArray> { ["x"] = x };

        ModelFormatException e = Assert.Throws<ModelFormatException>(() => ModelFile.Load(folder.File("m.onnx"), given: () => given));
        Assert.Contains("node 'the_Z' (Mul): joins the steps of the last layer of shape", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_beyond_a_length_are_what_dense_layers_make_of_zeros()
    {
        OnnxBuilder graph = Lstm().IntegerInput("lens", -3);
        graph.Node("LSTM", ["x", "W", "R", "B", "lens"], ["Y"], ("hidden_size", (long)Hidden));
        string product = graph.Node("MatMul", [graph.Node("Squeeze", ["Y", graph.Integers(1)]), "kernel"]);
        graph.Node("Softmax", [graph.Node("Add", [product, "bias"])], ["p"], ("axis", -1L));
        RecurrentModel model = ModelFile.Load(graph.Output("p").ToBytes(), "m.onnx");

        float[] bias = model.Spec.Slot(1, Direction.Forward, ParameterRole.InputBias)!.In(model.ReadParameters<float>().Span).ToArray();
        float first = 1 / (1 + MathF.Exp(bias[1] - bias[0]));
        Assert.Equal([first, 1 - first], model.PaddingRow!, (a, b) => Math.Abs(a - b) <= 1e-6f);
        Assert.Null(ModelFile.Load(OnnxWriter.ToBytes(model.Spec, model.ReadParameters<float>().Span), "m.onnx").PaddingRow);
    }

    [Fact]
    public void What_has_no_effect_is_listed()
    {
        OnnxBuilder graph = Lstm().Input("other", 1).Constant("nobody", [2, 1], [1f, 2f]);
        graph.Node("LSTM", ["x", "W", "R"], ["Y"], ("activation_alpha", _alphas));
        graph.Node("Tanh", ["Y"], ["Z"]);
        RecurrentModel model = ModelFile.Load(graph.Output("Y").Metadata("sample_rate", "16000").ToBytes(), "m.onnx");

        Assert.Equal(
            [
                "node 'the_Y' (LSTM): 1 of activation_alpha and 0 of activation_beta",
                "node 'the_Z' (Tanh)",
                "input 'other'",
                "initializer 'B' [1, 32]",
                "initializer 'kernel' [4, 2]",
                "initializer 'bias' [2]",
                "initializer 'nobody' [2, 1]",
            ],
            model.Unused);
        Assert.Equal(16000, model.SampleRate);
    }

    [Fact]
    public void What_is_no_chain_is_refused()
    {
        Refused("node 'the_Z' (Add): joins the steps of", graph => graph.Node("Add", ["Y", "Yh"], ["Z"]));
        Refused("node 'the_Z' (Conv): the operator is not supported", graph => graph.Node("Conv", ["Y", "W"], ["Z"]));
        Refused("of the steps of the last layer, expected all of its 4 features", graph =>
            graph.Node("Tanh", [graph.Node("Gather", ["Y", graph.Integers(1, 2)], ("axis", 0L))], ["Z"]));
        Refused("takes the final c of recurrent layer 0", graph => graph.Node("Tanh", ["Yc"], ["Z"]));
        Refused("the matrix depends on the data", graph => graph.Node("MatMul", ["Y", "Yh"], ["Z"]));
        Refused("X is one row for each sequence", graph => graph.Node("LSTM", ["Yh", "W4", "R"], ["Z"]));
        Refused("cuts through", graph =>
        {
            string turned = graph.Node("Transpose", ["Y"], ("perm", new long[] { 2, 1, 0, 3 }));
            graph.Node("Slice", [graph.Node("Reshape", [turned, graph.Integers(-1)]), graph.Integers(1), graph.Integers(9)], ["Z"]);
        });
    }

    [Fact]
    public void Attributes_that_are_not_the_standards_are_refused()
    {
        Layer("there is an attribute 'strange'", "strange", 1L);
        Layer("direction is 'sideways'", "direction", "sideways");
        Layer("R has shape [1, 16, 4], expected [1, 28, 7]", "hidden_size", 7L);
        Layer("clip is 0, expected a number above 0", "clip", 0.0);
        Layer("attribute 'direction' has AttributeType 2, expected 3", "direction", 1L);
        Layer("the activation Affine has no activation_alpha or activation_beta", "activations", _affines);
        Layer("an activation is '3'", "activations", _number);
        Layer("there are 1 activations, expected 3", "activations", _one);
        Layer("layout is 2, expected 0 or 1", "layout", 2L);

        static void Layer(string expected, string name, object value) =>
            Refused(expected, graph => graph.Node("LSTM", ["x", "W", "R"], ["Z"], (name, value)));
    }

    [Fact]
    public void Arrays_that_are_given_have_to_be_inputs_that_count()
    {
        var graph = new OnnxBuilder();
        graph.Input("x", -1, -1, -1).Input("W", 1, 4, 3).Input("R", 1, 4, 4).Input("idle", 1);
        graph.Node("RNN", ["x", "W", "R"], ["Y"]);
        byte[] bytes = graph.Output("Y").ToBytes();
        NpyArray w = Array(1, 4, 3), r = Array(1, 4, 4);

        Assert.Equal(3, OnnxReader.Read(bytes, "m", new Dictionary<string, NpyArray> { ["W"] = w, ["R"] = r }).Spec.InputSize);
        Given("W is input 'W', for which no array is given");
        Given("for which no array is given", ("W", w));
        Given("the array given for input 'R' has shape [1, 4, 3], expected [1, 4, 4]", ("W", w), ("R", w));
        Given("an array is given for 'nobody'", ("nobody", w));
        Given("an array is given for input 'idle', which has no effect", ("W", w), ("R", r), ("idle", Array(1)));

        void Given(string expected, params (string Name, NpyArray Array)[] given) => ModelRun.Refuses(
            () => OnnxReader.Read(bytes, "m", given.ToDictionary(one => one.Name, one => one.Array)), expected);
    }

    private static NpyArray Array(params int[] shape) =>
        NpyArray.Parse(NpyArray.From<float>(shape, new float[shape.Aggregate(1, (product, size) => product * size)]).ToBytes(), "given");

    private static string Zero(OnnxBuilder graph) => graph.Node("Constant", [], ("value", OnnxBuilder.Tensor("", [1, 1, 1], [0f])));

    private static OnnxBuilder Lstm()
    {
        var random = new Random(1);
        return new OnnxBuilder()
            .Input("x", -2, -3, Inputs)
            .Constant("W", [1, 4 * Hidden, Inputs], Numbers(4 * Hidden * Inputs))
            .Constant("R", [1, 4 * Hidden, Hidden], Numbers(4 * Hidden * Hidden))
            .Constant("B", [1, 8 * Hidden], Numbers(8 * Hidden))
            .Constant("kernel", [Hidden, 2], Numbers(Hidden * 2))
            .Constant("bias", [2], Numbers(2));

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static void Refused(string expected, Action<OnnxBuilder> more)
    {
        OnnxBuilder graph = Lstm().Constant("W4", [1, 4 * Hidden, Hidden], new float[4 * Hidden * Hidden]);
        graph.Node("LSTM", ["x", "W", "R", "B"], ["Y", "Yh", "Yc"], ("hidden_size", (long)Hidden));
        more(graph);
        ModelRun.Refuses(() => ModelFile.Load(graph.Output("Z").ToBytes(), "m.onnx"), expected);
    }
}
