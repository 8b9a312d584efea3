using System.Text.Json.Nodes;
using SpanRnn.Formats.Safetensors;
using static SpanRnn.Tests.KerasModel;
using static SpanRnn.Tests.KerasReference;

namespace SpanRnn.Tests;

/// <summary>
/// Layers of Keras beside the recurrent ones, against the equations of keras.layers; each model is also written as a state_dict and read
/// again.
/// </summary>
public class KerasChainTests
{
    [Theory]
    [InlineData(2, true, true)]
    [InlineData(2, false, true)]
    [InlineData(3, true, false)]
    [InlineData(3, false, false)]
    public void Batch_normalization_has_fixed_statistics(int version, bool scale, bool center)
    {
        int count = 2 + (scale ? 1 : 0) + (center ? 1 : 0);
        JsonNode axis = version == 2 ? new JsonArray { 2 } : -1;
        KerasModel model = new KerasModel(version)
            .Lstm("lstm")
            .Add("BatchNormalization", "bn", Vectors(count), ("axis", axis), ("epsilon", 0.01), ("scale", scale), ("center", center))
            .Positive("bn", count - 1)
            .Dense("out", Units, 2, "linear");

        double[] gamma = scale ? model["bn"][0] : Filled(1);
        double[] beta = center ? model["bn"][scale ? 1 : 0] : Filled(0);
        model.Agrees(Dense(Normalized(Lstm(model), gamma, beta, model["bn"][^2], model["bn"][^1], 0.01), model["out"], 2, v => v));
    }

    [Fact]
    public void Statistics_may_be_in_front_and_behind_a_pooling()
    {
        KerasModel model = new KerasModel(3)
            .Add("Normalization", "front", [[Inputs], [Inputs], []], ("axis", new JsonArray { -1 }), ("invert", false), ("mean", null))
            .Positive("front", 1)
            .Lstm("lstm", sequences: false)
            .Add("BatchNormalization", "bn", Vectors(4), ("axis", 1), ("epsilon", 0.001))
            .Positive("bn", 3)
            .Add("Rescaling", "scaled", [], ("scale", 3), ("offset", -0.5));

        double[][] w = model["front"];
        double[][] x = [.. model.X.Select(step => step.Select((v, i) => (v - w[0][i]) / Math.Sqrt(w[1][i])).ToArray())];
        double[] h = KerasReference.Lstm(x, model["lstm"], Units, Math.Tanh, Sigmoid)[^1];
        double[][] bn = model["bn"];
        RecurrentModel read = model.Agrees(
            Each(Normalized([h], bn[0], bn[1], bn[2], bn[3], 0.001), v => (3 * v) - 0.5), tolerance: 1e-5);
        Assert.Equal("[B, 4]", read.Output("y")!.Axes);
    }

    [Fact]
    public void Statistics_may_be_in_the_config()
    {
        KerasModel model = new KerasModel(3)
            .Add("Normalization", "front", [], ("axis", -1), ("mean", new JsonArray { 1, 2, 3 }), ("variance", new JsonArray { 4, 1, 9 }))
            .Lstm("lstm");

        double[][] x = [.. model.X.Select(step => new[] { (step[0] - 1) / 2, step[1] - 2, (step[2] - 3) / 3 })];
        model.Agrees(KerasReference.Lstm(x, model["lstm"], Units, Math.Tanh, Sigmoid));
    }

    [Theory]
    [InlineData("LayerNormalization", true, true)]
    [InlineData("LayerNormalization", true, false)]
    [InlineData("LayerNormalization", false, true)]
    [InlineData("LayerNormalization", false, false)]
    [InlineData("RMSNormalization", true, false)]
    public void Rows_are_normalized(string type, bool scale, bool center)
    {
        bool isLayer = type == "LayerNormalization";
        List<(string, JsonNode?)> config = [("axis", new JsonArray { -1 }), ("epsilon", 0.02)];
        if (isLayer)
        {
            config.AddRange([("scale", scale), ("center", center), ("rms_scaling", false)]);
        }

        KerasModel model = new KerasModel(3).Lstm("lstm").Add(type, "norm", Vectors((scale ? 1 : 0) + (center ? 1 : 0)), [.. config]);

        double[] gamma = scale ? model["norm"][0] : Filled(1);
        double[] beta = center ? model["norm"][^1] : Filled(0);
        model.Agrees([
            .. Lstm(model).Select(row =>
            {
                double mean = isLayer ? row.Average() : 0;
                double deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + 0.02);
                return row.Select((v, i) => (gamma[i] * (v - mean) / deviation) + beta[i]).ToArray();
            }),
        ]);
    }

    [Theory]
    [InlineData("GlobalAveragePooling1D")]
    [InlineData("GlobalMaxPooling1D")]
    public void Poolings_are_above_the_layer_before_them(string type)
    {
        KerasModel model = new KerasModel(2).Lstm("lstm").Dense("mid", Units, 3, "relu")
            .Add(type, "pool", [], ("data_format", "channels_last"), ("keepdims", false)).Dense("out", 3, 2, "softmax");

        double[][] mid = Dense(Lstm(model), model["mid"], 3, v => Math.Max(v, 0));
        double[] row = [
            .. Enumerable.Range(0, 3).Select(i => type == "GlobalMaxPooling1D" ? mid.Max(step => step[i]) : mid.Average(step => step[i])),
        ];
        RecurrentModel read = model.Agrees(Softmax(Dense([row], model["out"], 2, v => v)));
        Assert.Equal("[B, 2]", read.Output("y")!.Axes);
    }

    [Theory]
    [InlineData("concat", true)]
    [InlineData("sum", true)]
    [InlineData("ave", true)]
    [InlineData("mul", true)]
    [InlineData("sum", false)]
    [InlineData("ave", false)]
    [InlineData("mul", false)]
    public void Directions_are_merged(string mode, bool sequences)
    {
        KerasModel model = new KerasModel(3).Both("both", mode, sequences);

        double[][] forward = KerasReference.Lstm(model.X, model["both"][..3], Units, Math.Tanh, Sigmoid);
        double[][] back = KerasReference.Lstm(Backwards(model.X), model["both"][3..], Units, Math.Tanh, Sigmoid);
        (double[][] f, double[][] r) = sequences ? (forward, Backwards(back)) : ([forward[^1]], [back[^1]]);
        model.Agrees([
            .. f.Zip(r, (a, b) => mode switch
            {
                "concat" => [.. a, .. b],
                "sum" => [.. a.Zip(b, (p, q) => p + q)],
                "ave" => [.. a.Zip(b, (p, q) => (p + q) / 2)],
                _ => a.Zip(b, (p, q) => p * q).ToArray(),
            }),
        ]);
    }

    [Theory]
    [InlineData("silu")]
    [InlineData("swish")]
    [InlineData("gelu")]
    [InlineData("relu6")]
    [InlineData("exponential")]
    [InlineData("selu")]
    [InlineData("celu")]
    [InlineData("mish")]
    [InlineData("hard_silu")]
    [InlineData("hard_swish")]
    [InlineData("hard_tanh")]
    public void Activations_have_their_names(string name)
    {
        Func<double, double> function = name switch
        {
            "silu" or "swish" => v => v * Sigmoid(v),
            "gelu" => v => v * Normal(v),
            "relu6" => v => Math.Clamp(v, 0, 6),
            "exponential" => Math.Exp,
            "selu" => v => 1.0507009873554805 * (v >= 0 ? v : 1.6732632423543772 * (Math.Exp(v) - 1)),
            "celu" => v => v >= 0 ? v : Math.Exp(v) - 1,
            "mish" => v => v * Math.Tanh(Math.Log(1 + Math.Exp(v))),
            "hard_tanh" => v => Math.Clamp(v, -1, 1),
            _ => v => v * Math.Clamp(v + 3, 0, 6) / 6,
        };
        KerasModel model = new KerasModel(3).Lstm("lstm").Dense("mid", Units, 3, name)
            .Add("Activation", "last", [], ("activation", new JsonObject { ["class_name"] = "function", ["config"] = name }));
        model.Agrees(Each(Dense(Lstm(model), model["mid"], 3, function), function));

        // States that grow without an end are no test.
        KerasModel inside = new KerasModel(3).Lstm("lstm", more: ("recurrent_activation", name));
        if (name != "exponential")
        {
            inside.Agrees(KerasReference.Lstm(inside.X, inside["lstm"], Units, Math.Tanh, function), tolerance: 1e-5, onnx: false);
        }
    }

    [Fact]
    public void A_ReLU_may_have_a_limit_a_slope_or_a_threshold()
    {
        Agrees("ReLU", v => Math.Clamp(v, 0, 0.5), ("max_value", 0.5), ("negative_slope", 0.0), ("threshold", 0.0));
        Agrees("ReLU", v => v >= 0 ? v : 0.1 * v, ("negative_slope", 0.1));
        Agrees("ReLU", v => v > 0.3 ? v : 0, ("threshold", 0.3), ("max_value", null));
        Agrees("ReLU", v => Math.Min(v >= 0 ? v : 0.1 * v, 0.4), ("max_value", 0.4), ("negative_slope", 0.1));
        Agrees("ReLU", v => v > 0.3 ? Math.Min(v, 0.5) : 0, ("max_value", 0.5), ("threshold", 0.3));
        Agrees("ThresholdedReLU", v => v > 0.2 ? v : 0, ("theta", 0.2));

        static void Agrees(string type, Func<double, double> function, params (string, JsonNode?)[] config)
        {
            KerasModel model = new KerasModel(2).Lstm("lstm").Dense("mid", Units, 3, "linear").Add(type, "alone", [], config);
            model.Agrees(Each(Dense(Lstm(model), model["mid"], 3, v => v), function));
            model = new KerasModel(2).Lstm("lstm");
            model.Dense("mid", Units, 3, model.Layer(type, "inside", config));
            model.Agrees(Each(Dense(Lstm(model), model["mid"], 3, v => v), function));
        }
    }

    [Theory]
    [InlineData(true, new[] { 1, Units })]
    [InlineData(true, new[] { 1, 1 })]
    [InlineData(false, new[] { Units })]
    [InlineData(false, new[] { 1 })]
    public void Slopes_may_be_shared(bool sequences, int[] shape)
    {
        KerasModel model = new KerasModel(3).Lstm("lstm", sequences: sequences)
            .Add("PReLU", "slopes", [shape], ("shared_axes", new JsonArray { 1 }));

        double[] s = model["slopes"][0];
        double[][] h = sequences ? Lstm(model) : [Lstm(model)[^1]];
        model.Agrees([.. h.Select(row => row.Select((v, i) => v >= 0 ? v : s[i % s.Length] * v).ToArray())]);
    }

    [Fact]
    public void Layers_on_every_step_are_the_same_layers()
    {
        KerasModel model = new KerasModel(3).Lstm("lstm");
        JsonObject inner = model.Layer("LayerNormalization", "inner", ("axis", 1), ("epsilon", 0.02));
        model.Add("TimeDistributed", "norm", Vectors(2), ("layer", inner))
            .Add("TimeDistributed", "none", [], ("layer", model.Layer("Dropout", "drop", ("rate", 0.5))));

        KerasModel plain = new KerasModel(3).Lstm("lstm").Add("LayerNormalization", "norm", Vectors(2), ("axis", -1), ("epsilon", 0.02));
        Assert.Equal(plain.Read().Spec.Layers.ToArray(), model.Read().Spec.Layers.ToArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Sums_with_earlier_layers_are_skips(int version)
    {
        KerasModel model = new KerasModel(version, Units)
            .Lstm("one", Units).Add("Dropout", "drop", [], ("rate", 0.5)).Lstm("two", Units).Add("Add", "sum", [])
            .Dense("mid", Units, Units, "tanh").Add("Add", "all", []).Dense("out", Units, 2, "linear")
            .Reads("sum", "two", "drop").Reads("all", "x", "mid", "one");

        double[][] one = KerasReference.Lstm(model.X, model["one"], Units, Math.Tanh, Sigmoid);
        double[][] sum = Sum(one, KerasReference.Lstm(one, model["two"], Units, Math.Tanh, Sigmoid));
        double[][] all = Sum(Sum(model.X, Dense(sum, model["mid"], Units, Math.Tanh)), one);
        RecurrentModel read = model.Agrees(Dense(all, model["out"], 2, v => v));
        Assert.Equal([1, 0, 1], read.Spec.Layers.ToArray().OfType<SkipLayer>().Select(skip => skip.From));
    }

    [Fact]
    public void A_skip_may_start_before_an_activation_at_an_embedding_and_behind_a_pooling()
    {
        // An activation joins the dense layer before it unless something else reads that layer.
        KerasModel model = new KerasModel(3, Units).Lstm("lstm", Units).Dense("mid", Units, Units, "linear")
            .Add("Activation", "act", [], ("activation", "relu")).Add("Add", "sum", []).Reads("sum", "act", "mid");
        double[][] mid = Dense(KerasReference.Lstm(model.X, model["lstm"], Units, Math.Tanh, Sigmoid), model["mid"], Units, v => v);
        model.Agrees(Sum(mid, Each(mid, v => Math.Max(v, 0))));
        model = new KerasModel(3, Units).Lstm("lstm", Units).Dense("mid", Units, Units, "linear")
            .Add("Activation", "act", [], ("activation", "relu")).Reads("lstm", "x");
        Assert.Equal(2, model.Read().Spec.Layers.Length);

        // And a scale joins a normalization without one.
        model = new KerasModel(3, Units).Lstm("lstm", Units).Add("LayerNormalization", "ln", [], ("scale", false), ("center", false))
            .Add("BatchNormalization", "bn", Vectors(4)).Positive("bn", 3).Add("Add", "sum", []).Reads("sum", "bn", "ln");
        double[][] ln = [.. KerasReference.Lstm(model.X, model["lstm"], Units, Math.Tanh, Sigmoid).Select(row =>
        {
            double mean = row.Average();
            return row.Select(v => (v - mean) / Math.Sqrt(row.Average(u => (u - mean) * (u - mean)) + 1e-3)).ToArray();
        })];
        double[][] w = model["bn"];
        model.Agrees(Sum(ln, Normalized(ln, w[0], w[1], w[2], w[3], 1e-3)), tolerance: 1e-5);

        model = new KerasModel(3, 0).Add("Embedding", "table", [[6, Units]], ("input_dim", 6), ("output_dim", Units)).Lstm("lstm", Units)
            .Add("Add", "sum", []).Reads("sum", "table", "lstm");
        Assert.Equal(new SkipLayer(0), model.Read().Spec.Layers[^1]);
        model.Reads("sum", "x", "lstm").Refuses("layer 'sum' (Add) adds 'x', expected the layer before it, 'lstm'");

        model = new KerasModel(3, Units).Lstm("lstm", Units, sequences: false).Dense("mid", Units, Units, "tanh")
            .Add("Add", "sum", []).Reads("sum", "lstm", "mid");
        double[][] h = [KerasReference.Lstm(model.X, model["lstm"], Units, Math.Tanh, Sigmoid)[^1]];
        model.Agrees(Sum(h, Dense(h, model["mid"], Units, Math.Tanh)));
    }

    [Fact]
    public void What_is_no_chain_is_refused()
    {
        KerasModel Two() => new KerasModel(3, Units).Lstm("one", Units).Lstm("two", Units);
        Two().Add("Concatenate", "join", [], ("axis", -1)).Reads("join", "one", "two")
            .Refuses("layer 'join' (Concatenate) joins 2 branches, expected one chain of layers: only Add joins");
        Two().Add("Multiply", "join", []).Reads("join", "one", "two").Refuses("layer 'join' (Multiply) joins 2 branches");
        Two().Reads("two", "x").Add("Add", "sum", []).Reads("sum", "one", "two").Refuses(
            "layer 'two' (LSTM) reads 'x', expected the layer before it, 'one': a branch with layers of its own has no place in a chain");
        Two().Dense("out", Units, 2, "linear").Add("Add", "sum", []).Reads("sum", "out", "one")
            .Refuses("layer 'sum' (Add) adds 4 numbers of an earlier layer to 2, expected as many");
        Two().Add("Dropout", "drop", []).Add("Add", "sum", []).Reads("sum", "two", "drop")
            .Refuses("layer 'sum' (Add) adds 'drop', expected the layer before it, 'drop', and what earlier layers of the chain give");
        Two().Add("Add", "sum", []).Reads("sum", "one", "x").Refuses("layer 'sum' (Add) adds 'one', expected the layer before it, 'two'");
        new KerasModel(3, Units).Lstm("one", Units).Lstm("two", Units, sequences: false).Add("Add", "sum", []).Reads("sum", "one", "two")
            .Refuses("layer 'sum' (Add) adds the steps of a sequence to one row per sequence");
        new KerasModel(3, Units).Lstm("one", Units).Lstm("two", Units, more: ("go_backwards", true)).Add("Add", "sum", [])
            .Reads("sum", "one", "two").Refuses("layer 'sum' (Add) adds steps from the first to the last to steps from the last to the");
        KerasModel early = Two().Reads("two", "one");
        early.Output = "one";
        early.Refuses("'output_layers' names 'one', expected only the last layer, 'two'");
    }

    /// <summary>A sum that is written x + y: a layer Add of Keras 3, and an operation of TensorFlow in Keras 2.</summary>
    [Theory]
    [InlineData("Add", """{"args":[TENSOR,TENSOR],"kwargs":{}}""", "layer 'op' (Add) adds 'x', expected the layer before it, 'x'")]
    [InlineData("Add", """{"args":[TENSOR,2],"kwargs":{}}""", "layer 'op' (Add) reads something that is not the tensor of a layer")]
    [InlineData("TFOpLambda", """["x",0,0,{"y":["x",0,0]}]""", "layer 'op' (TFOpLambda) is an operation without weights, expected")]
    [InlineData("LSTM", """[["x",0,0,{"initial_state":["x",0,0]}]]""", "layer 'op' (LSTM) is called with 'initial_state'")]
    [InlineData("Add", """[["x",0,0,{}],["y",0,0,{}]]""", "layer 'op' (Add) adds 'y', expected the layer before it, 'x'")]
    public void Calls_that_give_no_layer_are_refused(string type, string call, string expected)
    {
        const string Tensor = """{"class_name":"__keras_tensor__","config":{"keras_history":["x",0,0]}}""";
        var writer = new SafetensorsWriter();
        writer.Metadata["keras"] = $$$"""
            {"class_name":"Functional","config":{"layers":[
            {"class_name":"InputLayer","config":{"name":"x","batch_shape":[null,null,3]},"inbound_nodes":[]},
            {"class_name":"{{{type}}}","config":{"name":"op"},
            "inbound_nodes":[{{{call.Replace("TENSOR", Tensor, StringComparison.Ordinal)}}}]}],
            "output_layers":[["op",0,0]]}}
            """;
        ModelRun.Refuses(() => ModelFile.Load(SafetensorsFile.Parse(writer.ToBytes(), "m")), expected);
    }

    [Fact]
    public void What_has_no_right_numbers_is_refused()
    {
        KerasModel Norm(params (string, JsonNode?)[] config) =>
            new KerasModel(3).Lstm("lstm").Add("BatchNormalization", "bn", Vectors(4), config).Positive("bn", 3);

        Norm(("axis", 1)).Refuses("layer 'bn' (BatchNormalization) has the axis '1', expected -1, the features");
        Norm(("axis", new JsonArray { 1, 2 })).Refuses("has the axis '[1,2]', expected -1");
        Norm(("epsilon", 0.0)).Positive("bn", 3, 0).Refuses(
            "layer 'bn' (BatchNormalization) has statistics without a scale and a shift: 'variance' is 0 at 0 with an epsilon of 0");
        Norm().Positive("bn", 3, -1).Refuses("'variance' is -1 at 0 with an epsilon of 0.001, expected 0 or more");
        Norm(("epsilon", -1.0)).Refuses("'epsilon' is -1");
        Norm(("scale", false)).Positive("bn", 2).Refuses("tensor 'bn.3' belongs to no layer");
        new KerasModel(3).Lstm("lstm").Add("BatchNormalization", "bn", [[3], [3], [3], [3]])
            .Refuses("layer 'bn' (BatchNormalization) has the tensor 'bn.0' of shape [3], expected [4]");
        new KerasModel(3).Add("Normalization", "front", [[3], [3], []]).Positive("front", 1, 0).Lstm("lstm")
            .Refuses("layer 'front' (Normalization) has statistics without a scale and a shift: 'variance' is 0 at 0");
        new KerasModel(3).Add("Normalization", "front", [[3], [3], []], ("invert", true)).Lstm("lstm")
            .Refuses("has 'invert', expected false");
        new KerasModel(3).Add("Normalization", "front", [], ("mean", new JsonArray { 1 }), ("variance", new JsonArray { 1 })).Lstm("lstm")
            .Refuses("layer 'front' (Normalization) has 'mean' of shape [1], expected [3]");
        new KerasModel(3).Lstm("lstm").Add("LayerNormalization", "norm", Vectors(2), ("epsilon", 0))
            .Refuses("layer 'norm' (LayerNormalization) has an epsilon of 0, expected a number above 0");
        new KerasModel(3).Lstm("lstm").Add("LayerNormalization", "norm", Vectors(1), ("rms_scaling", true))
            .Refuses("has 'rms_scaling', which divides by the variance, expected false");
        new KerasModel(3).Lstm("lstm").Add("LayerNormalization", "norm", Vectors(2), ("axis", 1)).Refuses("has the axis '1', expected -1");
        new KerasModel(3).Lstm("lstm").Add("PReLU", "slopes", [[Steps, Units]])
            .Refuses("layer 'slopes' (PReLU) has slopes of shape [7, 4], expected [1, 4]: one for each feature");
        new KerasModel(3).Lstm("lstm").Add("Softmax", "soft", [], ("axis", 1)).Refuses("has the axis '1', expected -1");
        new KerasModel(3).Both("both", null).Refuses("merges by 'null', expected 'concat', 'sum', 'ave' or 'mul'");
        new KerasModel(3).Lstm("lstm").Add("GlobalMaxPooling1D", "pool", [], ("data_format", "channels_first"))
            .Refuses("layer 'pool' (GlobalMaxPooling1D) has 'data_format' = 'channels_first', expected 'channels_last'");
        new KerasModel(3).Lstm("lstm").Add("GlobalMaxPooling1D", "pool", [], ("keepdims", true)).Refuses("has 'keepdims', expected false");
        new KerasModel(3).Lstm("lstm", sequences: false).Add("GlobalMaxPooling1D", "pool", [])
            .Refuses("layer 'pool' (GlobalMaxPooling1D) follows a layer that leaves one row per sequence");
        new KerasModel(3).Lstm("lstm").Add("GlobalMaxPooling1D", "pool", []).Lstm("two", Units)
            .Refuses("layer 'two' (LSTM) follows a layer without 'return_sequences' or a pooling");
        new KerasModel(3).Lstm("lstm").Dense("mid", Units, 2, "glu")
            .Refuses("layer 'mid' (Dense) has the activation 'glu', expected linear");
        new KerasModel(2).Lstm("lstm").Add("ReLU", "odd", [], ("negative_slope", 0.1), ("threshold", 0.1))
            .Refuses("layer 'odd' (ReLU) has 'negative_slope' and 'threshold', expected at most one of them");
    }

    private static int[][] Vectors(int count) => [.. Enumerable.Repeat<int[]>([Units], count)];

    private static double[] Filled(double value) => [.. Enumerable.Repeat(value, Units)];

    private static double[][] Lstm(KerasModel model) => KerasReference.Lstm(model.X, model["lstm"], Units, Math.Tanh, Sigmoid);

    private static double[][] Normalized(
        double[][] x, double[] gamma, double[] beta, double[] mean, double[] variance, double epsilon) =>
        [.. x.Select(row => row.Select((v, i) => (gamma[i] * (v - mean[i]) / Math.Sqrt(variance[i] + epsilon)) + beta[i]).ToArray())];

    private static double[][] Each(double[][] x, Func<double, double> function) => [.. x.Select(row => row.Select(function).ToArray())];

    private static double[][] Sum(double[][] a, double[][] b) => [.. a.Zip(b, (p, q) => p.Zip(q, (u, v) => u + v).ToArray())];

    // Φ by the series of erf, which converges fast for the small numbers of these models.
    private static double Normal(double v)
    {
        double z = v / Math.Sqrt(2);
        double term = z;
        double sum = z;
        for (int n = 1; n < 100; n++)
        {
            term *= -z * z / n;
            sum += term / ((2 * n) + 1);
        }

        return 0.5 + (sum / Math.Sqrt(Math.PI));
    }
}
