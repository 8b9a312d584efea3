using System.Text.Json.Nodes;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>
/// A model as to_json() of Keras 2 or 3 has it, with random arrays. It is a Sequential until <see cref="Reads"/> says which layers a layer
/// reads; then it is a Functional, in which all others read the layer before them.
/// </summary>
internal sealed class KerasModel
{
    public const int Steps = 7;
    public const int Inputs = 3;
    public const int Units = 4;

    private readonly int _version;
    private readonly List<(string Name, JsonObject Json)> _layers = [];
    private readonly Dictionary<string, string[]> _reads = [];
    private readonly Dictionary<string, (int[] Shape, double[] Values)[]> _arrays = [];
    private readonly RandomSource _random = new(11);
    private readonly float[] _x;

    /// <param name="version">2 or 3.</param>
    /// <param name="inputs">Numbers in a step of the input; 0 for symbols.</param>
    public KerasModel(int version, int inputs = Inputs)
    {
        _version = version;
        _x = Numbers(Steps * inputs);
        JsonArray shape = inputs == 0 ? [null, null] : [null, null, inputs];
        Add("InputLayer", "x", [], (version == 2 ? "batch_input_shape" : "batch_shape", shape));
    }

    /// <summary>The input, [steps][numbers].</summary>
    public double[][] X => [.. _x.Chunk(_x.Length / Steps).Select(step => Array.ConvertAll(step, value => (double)value))];

    /// <summary>The layer that is the output of a Functional model; null for the last one.</summary>
    public string? Output { get; set; }

    /// <summary>The arrays of a layer.</summary>
    public double[][] this[string layer] => Array.ConvertAll(_arrays[layer], array => array.Values);

    public KerasModel Add(string type, string name, int[][] shapes, params (string Name, JsonNode? Value)[] config)
    {
        _layers.Add((name, Layer(type, name, config)));
        _arrays[name] = Array.ConvertAll(
            shapes,
            shape => (shape, Array.ConvertAll(Numbers(shape.Aggregate(1, (product, size) => product * size)), value => 0.5 * value)));
        return this;
    }

    public KerasModel Lstm(string name, int inputs = Inputs, bool sequences = true, params (string Name, JsonNode? Value)[] more) =>
        Add("LSTM", name, Kernels(inputs), [.. Recurrent(sequences), .. more]);

    public KerasModel Both(string name, string? merge, bool sequences = true) => Add(
        "Bidirectional",
        name,
        [.. Kernels(Inputs), .. Kernels(Inputs)],
        ("merge_mode", merge),
        ("layer", Layer("LSTM", "forward", Recurrent(sequences))));

    public KerasModel Dense(string name, int inputs, int units, JsonNode activation) =>
        Add("Dense", name, [[inputs, units], [units]], ("units", units), ("use_bias", true), ("activation", activation));

    /// <summary>Makes the numbers of an array of a layer positive, as variances are, or one of them another number.</summary>
    public KerasModel Positive(string layer, int array, double? first = null)
    {
        double[] values = _arrays[layer][array].Values;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(0.1 + Math.Abs(values[i]));
        }

        values[0] = first ?? values[0];
        return this;
    }

    public KerasModel Reads(string layer, params string[] sources)
    {
        _reads[layer] = sources;
        return this;
    }

    /// <summary>A layer that is not in the model, such as the one in a wrapper or an activation.</summary>
    public JsonObject Layer(string type, string name, params (string Name, JsonNode? Value)[] config)
    {
        var settings = new JsonObject { ["name"] = name };
        foreach ((string member, JsonNode? value) in config)
        {
            settings[member] = value?.DeepClone();
        }

        var layer = new JsonObject { ["class_name"] = type, ["config"] = settings };
        if (_version == 3)
        {
            layer["module"] = "keras.layers";
        }

        return layer;
    }

    public RecurrentModel Read() => ModelFile.Load(SafetensorsFile.Parse(File(), "m"));

    /// <summary>The safetensors file.</summary>
    public byte[] File()
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["keras"] = Text();
        writer.Metadata["keras_version"] = _version == 2 ? "2.15.0" : "3.4.1";
        foreach ((string name, (int[] Shape, double[] Values)[] arrays) in _arrays)
        {
            for (int i = 0; i < arrays.Length; i++)
            {
                writer.Add<float>($"{name}.{i}", arrays[i].Shape, Array.ConvertAll(arrays[i].Values, value => (float)value));
            }
        }

        return writer.ToBytes();
    }

    /// <summary>
    /// Fails unless the model gives these rows, gives the same bits after it was written as a state_dict, and the same rows after it was
    /// written as ONNX.
    /// </summary>
    /// <param name="expected">[steps][numbers], or one row.</param>
    /// <param name="tolerance">For the outputs of this model.</param>
    /// <param name="onnx">
    /// False if ONNX does not have the activation of a recurrent layer.
    /// </param>
    public RecurrentModel Agrees(double[][] expected, double tolerance = 3e-6, bool onnx = true)
    {
        RecurrentModel model = Read();
        float[] y = Sequence(model);
        ModelRun.Agree([.. expected.SelectMany(step => step)], y, tolerance);
        byte[] file = PyTorchWriter.ToBytes<float>(model.Spec, model.ReadParameters<float>().Span);
        RecurrentModel back = ModelFile.Load(SafetensorsFile.Parse(file, "m"));
        Assert.Equal(model.Spec.Layers.ToArray(), back.Spec.Layers.ToArray());
        Assert.Equal(y, Sequence(back));
        if (onnx)
        {
            byte[] graph = OnnxWriter.ToBytes(model.Spec, model.ReadParameters<float>().Span);
            ModelRun.Agree([.. expected.SelectMany(step => step)], Sequence(ModelFile.Load(graph, "m.onnx")), tolerance);
        }

        return model;
    }

    public void Refuses(string expected) => ModelRun.Refuses(() => Read(), expected);

    // One sequence through the packed network.
    private float[] Sequence(RecurrentModel model)
    {
        var layout = new SequenceLayout();
        layout.Set(Steps, 1);
        var network = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span);
        float[] y = new float[network.Spec.OutputLength(Steps, 1)];
        network.Run(layout, _x, [network.CreateStream()], y, new float[network.RunWorkspaceLength(layout)]);
        return y;
    }

    private static int[][] Kernels(int inputs) => [[inputs, 4 * Units], [Units, 4 * Units], [4 * Units]];

    private static (string Name, JsonNode? Value)[] Recurrent(bool sequences) =>
    [
        ("units", Units), ("use_bias", true), ("activation", "tanh"), ("recurrent_activation", "sigmoid"),
        ("return_sequences", sequences),
    ];

    private float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)_random.NextNormal())];

    private string Text()
    {
        bool isFunctional = _reads.Count > 0;
        var layers = new JsonArray();
        string? before = null;
        foreach ((string name, JsonObject json) in _layers)
        {
            JsonNode layer = json.DeepClone();
            if (isFunctional)
            {
                layer["name"] = name;
                string[] reads = _reads.GetValueOrDefault(name) ?? (before is null ? [] : [before]);
                layer["inbound_nodes"] = reads.Length == 0 ? new JsonArray() : new JsonArray { Call(reads) };
            }

            before = name;
            layers.Add(layer);
        }

        var config = new JsonObject { ["name"] = "model", ["layers"] = layers };
        if (isFunctional)
        {
            config["input_layers"] = Ends("x");
            config["output_layers"] = Ends(Output ?? before!);
        }

        return new JsonObject { ["class_name"] = isFunctional ? "Functional" : "Sequential", ["config"] = config }.ToJsonString();
    }

    private JsonArray Ends(string name) => _version == 2 ? [new JsonArray { name, 0, 0 }] : [name, 0, 0];

    // Keras 3 has a list of tensors as one argument of a layer.
    private JsonNode Call(string[] reads)
    {
        if (_version == 2)
        {
            return new JsonArray([.. reads.Select(name => new JsonArray { name, 0, 0, new JsonObject() })]);
        }

        JsonNode[] tensors =
        [
            .. reads.Select(name => new JsonObject
            {
                ["class_name"] = "__keras_tensor__",
                ["config"] = new JsonObject { ["keras_history"] = new JsonArray { name, 0, 0 } },
            }),
        ];
        return new JsonObject
        {
            ["args"] = new JsonArray(tensors.Length == 1 ? tensors[0] : new JsonArray(tensors)),
            ["kwargs"] = new JsonObject { ["mask"] = null },
        };
    }
}
