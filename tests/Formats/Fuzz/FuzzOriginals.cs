using System.Globalization;
using System.Text;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>Small good files of every format, to be damaged.</summary>
internal static class FuzzOriginals
{
    /// <summary>RTNeural's layers as Keras has them, and AIDA-X's members around them.</summary>
    public static byte[][] RtNeural { get; } =
    [
        Text($$"""{"in_shape":[null,null,1],"layers":[{{Dense(1, 2, "tanh")}},{{Gru(2, 2)}},{{Dense(2, 1, "")}}]}"""),
        Text($$"""
            {"in_shape":[null,1],"in_skip":1,"in_gain":0,"out_gain":0.0,"samplerate":48000,"metadata":{"name":"amp","esr":0.01},
            "layers":[{{Lstm(1, 2)}},{{Dense(2, 1, "")}},{"type":"activation","activation":"sigmoid","shape":[null,1]}]}
            """),
        Text($$"""
            {"in_shape":[null,1],"in_skip":1,"in_gain":3,"out_gain":-6.5,"layers":[{{Lstm(1, 2)}},
            {"type":"batchnorm","activation":"","shape":[null,2],"epsilon":0.01,"weights":[[1,2],[3,4],[5,6],[7,8]]},
            {"type":"prelu","activation":"","shape":[null,2],"weights":[[[0.5,0.25]]]},{{Dense(2, 1, "")}}]}
            """),
    ];

    /// <summary>A state_dict of PyTorch in JSON, alone and as Automated-GuitarAmpModelling writes it.</summary>
    public static byte[][] StateDicts { get; } =
    [
        Text($$"""
            {"gru.weight_ih_l0":{{Rows(6, 1)}},"gru.weight_hh_l0":{{Rows(6, 2)}},"dense.weight":{{Rows(1, 2)}},"dense.bias":[0.5]}
            """),
        Text($$"""
            {"model_data":{"model":"SimpleRNN","input_size":1,"skip":1,"output_size":1,"unit_type":"LSTM","num_layers":1,"hidden_size":2},
            "state_dict":{"rec.weight_ih_l0":{{Rows(8, 1)}},"rec.weight_hh_l0":{{Rows(8, 2)}},"rec.bias_ih_l0":{{Row(8)}},
            "rec.bias_hh_l0":{{Row(8)}},"lin.weight":{{Rows(1, 2)}},"lin.bias":[0.5]} }
            """),
    ];

    /// <summary>Two layers of three units.</summary>
    public static byte[][] Nam { get; } =
    [
        Text($$"""
            {"version":"0.5.4","metadata":{"date":{"year":2024},"gain":0.1,"name":"amp"},"architecture":"LSTM",
            "config":{"input_size":1,"hidden_size":3,"num_layers":2},"weights":{{Row(66 + 90 + 4)}},"sample_rate":48000}
            """),
    ];

    /// <summary>Models of Keras 2 and 3 in safetensors files.</summary>
    public static byte[][] Keras { get; } =
    [
        KerasFile(
            $$"""
            {"class_name":"Sequential","config":{"name":"s","layers":[
            {"class_name":"InputLayer","config":{"name":"i","batch_input_shape":[null,null,2]} },
            {"class_name":"Bidirectional","config":{"name":"b","merge_mode":"concat",
            "layer":{{KerasLayer("LSTM", ",\"return_sequences\":true")}} } },
            {{KerasLayer("GRU", ",\"reset_after\":true")}},
            {"class_name":"Dense","config":{"name":"d","units":1,"activation":"sigmoid","use_bias":true} }]},"keras_version":"2.11.0"}
            """,
            ("b.0", [2, 8]), ("b.1", [2, 8]), ("b.2", [8]), ("b.3", [2, 8]), ("b.4", [2, 8]), ("b.5", [8]),
            ("r.0", [4, 6]), ("r.1", [2, 6]), ("r.2", [2, 6]),
            ("d.0", [2, 1]), ("d.1", [1])),
        KerasFile(
            $$"""
            {"module":"keras","class_name":"Sequential","config":{"layers":[
            {"module":"keras.layers","class_name":"Embedding","config":{"name":"e","input_dim":5,"output_dim":2,"mask_zero":false} },
            {{KerasLayer("SimpleRNN", string.Empty)}},
            {"module":"keras.layers","class_name":"Dense","config":{"name":"d","units":3,"activation":"softmax","use_bias":false} }]} }
            """,
            ("e.0", [5, 2]), ("r.0", [2, 2]), ("r.1", [2, 2]), ("r.2", [2]), ("d.0", [2, 3])),
        KerasFile(
            $$"""
            {"module":"keras","class_name":"Functional","config":{"name":"f","layers":[
            {"class_name":"InputLayer","config":{"name":"i","batch_shape":[null,null,2]},"inbound_nodes":[]},
            {"class_name":"LSTM","config":{"name":"l","units":2,"activation":"silu","recurrent_activation":"sigmoid",
            "return_sequences":true},"inbound_nodes":[[["i",0,0,{}]]]},
            {"class_name":"Add","config":{"name":"a"},"inbound_nodes":[[["l",0,0,{}],["i",0,0,{}]]]},
            {"class_name":"LayerNormalization","config":{"name":"n","axis":[-1],"epsilon":0.01},"inbound_nodes":[[["a",0,0,{}]]]},
            {"class_name":"PReLU","config":{"name":"p","shared_axes":[1]},"inbound_nodes":[[["n",0,0,{}]]]},
            {"class_name":"GlobalMaxPooling1D","config":{"name":"g","keepdims":false},"inbound_nodes":[[["p",0,0,{}]]]},
            {"class_name":"ReLU","config":{"name":"r","max_value":6,"negative_slope":0.1},"inbound_nodes":[[["g",0,0,{}]]]}],
            "input_layers":[["i",0,0]],"output_layers":[["r",0,0]]} }
            """,
            ("l.0", [2, 8]), ("l.1", [2, 8]), ("l.2", [8]), ("n.0", [2]), ("n.1", [2]), ("p.0", [1, 2])),
    ];

    /// <summary>Models as this library writes them, with every cell, and a graph as exporters make them.</summary>
    public static byte[][] Onnx { get; } =
    [
        Written(new(
            2,
            new RecurrentLayer(CellKind.Lstm, 2) { Bidirectional = true, Peepholes = true, Clip = 3 },
            new FinalStateLayer(),
            new DenseLayer(2))),
        Written(new(
            new EmbeddingSpec(4, 2),
            new RecurrentLayer(CellKind.GruResetAfter, 3),
            new DenseLayer(2) { Activation = ActivationKind.Tanh },
            new RecurrentLayer(CellKind.GruResetBefore, 2) { TrainableInitialState = true },
            new DenseLayer(2),
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax })),
        Written(new(2, new RecurrentLayer(CellKind.Elman, 2) { Reverse = true, Activation = new(ActivationKind.LeakyRelu, 0.1, 0) })),
        Exported(),
    ];

    private static byte[] Written(NetworkSpec spec) => OnnxWriter.ToBytes(spec, OnnxNetworks.Parameters(spec));

    // batch_first, states from the shape of x, an If whose condition folds, the last step, a Gemm.
    private static byte[] Exported()
    {
        var graph = new OnnxBuilder();
        graph.Input("x", -1, -2, 2).Output("logits");
        graph.Constant("W", [1, 12, 2], Numbers(24)).Constant("R", [1, 12, 3], Numbers(36)).Constant("B", [1, 24], Numbers(24));
        graph.Constant("fc.weight", [2, 3], Numbers(6)).Constant("fc.bias", [2], Numbers(2));
        string shape = graph.Node("Shape", ["x"]);
        string batch = graph.Node("Gather", [shape, graph.Integers(0)], ("axis", 0));
        string size = graph.Node("Concat", [graph.Integers(1), batch, graph.Integers(3)], ("axis", 0));
        string zeros = graph.Node("ConstantOfShape", [size], ("value", OnnxBuilder.Tensor("z", [1], [0f])));
        string t = graph.Node("Transpose", ["x"], ("perm", new[] { 1L, 0, 2 }));
        graph.Node("LSTM", [t, "W", "R", "B", "", zeros, zeros], ["y", "h", "c"], ("hidden_size", 3));
        var then = new OnnxBuilder();
        then.Node("Squeeze", ["y", "one"], ["squeezed"]).Output("squeezed");
        var otherwise = new OnnxBuilder();
        otherwise.Node("Identity", ["y"], ["same"]).Output("same");
        graph.Constant("one", [1L]);
        string condition = graph.Node("Equal", [graph.Node("Gather", [graph.Node("Shape", ["y"]), graph.Integers(1)]), graph.Integers(1)]);
        string rows = graph.Node("If", [condition], ("then_branch", then), ("else_branch", otherwise));
        string back = graph.Node("Transpose", [rows], ("perm", new[] { 1L, 0, 2 }));
        string last = graph.Node(
            "Slice", [back, graph.Integers(-1), graph.Integers(long.MaxValue), graph.Integers(1), graph.Integers(1)]);
        string flat = graph.Node("Reshape", [last, graph.Integers(-1, 3)]);
        graph.Node("Gemm", [flat, "fc.weight", "fc.bias"], ["logits"], ("transB", 1), ("alpha", 1.0));
        return graph.ToBytes();
    }

    private static string KerasLayer(string type, string more) =>
        $$$"""
        {"class_name":"{{{type}}}","config":{"name":"r","units":2,"activation":"tanh","recurrent_activation":"sigmoid","use_bias":true,
        "go_backwards":false,"unroll":false,"dropout":0.1{{{more}}}}}
        """;

    private static byte[] KerasFile(string json, params (string Name, int[] Shape)[] weights)
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["keras"] = json.ReplaceLineEndings(string.Empty);
        foreach ((string name, int[] shape) in weights)
        {
            writer.Add<float>(name, shape, Numbers(shape.Aggregate(1, (product, length) => product * length)));
        }

        return writer.ToBytes();
    }

    private static string Dense(int inputs, int outputs, string activation) =>
        $$"""
        {"type":"dense","activation":"{{activation}}","shape":[null,null,{{outputs}}],
        "weights":[{{Rows(inputs, outputs)}},{{Row(outputs)}}]}
        """;

    private static string Lstm(int inputs, int units) =>
        $$"""
        {"type":"lstm","activation":"","shape":[null,null,{{units}}],
        "weights":[{{Rows(inputs, 4 * units)}},{{Rows(units, 4 * units)}},{{Row(4 * units)}}]}
        """;

    private static string Gru(int inputs, int units) =>
        $$"""
        {"type":"gru","activation":"tanh","shape":[null,null,{{units}}],
        "weights":[{{Rows(inputs, 3 * units)}},{{Rows(units, 3 * units)}},{{Rows(2, 3 * units)}}]}
        """;

    private static string Rows(int rows, int columns) => $"[{string.Join(',', Enumerable.Repeat(Row(columns), rows))}]";

    private static string Row(int count) =>
        $"[{string.Join(',', Numbers(count).Select(number => number.ToString(CultureInfo.InvariantCulture)))}]";

    private static float[] Numbers(int count) => [.. Enumerable.Range(1, count).Select(i => i / 100f)];

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
