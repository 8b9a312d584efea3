using System.Text.Json;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>A model of PyTorch, its inputs and PyTorch's results, under the names of its parameters and arguments.</summary>
internal sealed partial class PyTorchCase
{
    private static readonly string[] _inputNames = ["x", "h0", "c0", "gy", "gh", "gc", "target"];
    private static readonly string[] _outputNames = ["y", "hn", "cn", "losses"];

    private readonly Dictionary<string, double[]> _inputs;
    private readonly int[]? _lengths;

    private PyTorchCase(
        string name,
        string module,
        JsonElement config,
        SafetensorsFile weights,
        int[]? lengths,
        Dictionary<string, double[]> inputs,
        Dictionary<string, double[]> expected)
    {
        Name = name;
        Config = config;
        Model = ModelFile.Load(weights, Text("nonlinearity") == "relu" ? ActivationKind.Relu : null);
        _lengths = lengths;
        _inputs = inputs;
        Expected = expected;
        int layers = Number("num_layers");
        Assert.Equal(Enumerable.Repeat(Layer(module), layers), Model.Spec.Layers[..layers].ToArray());
    }

    public string Name { get; }

    /// <summary>The arguments of the module, and T and B.</summary>
    public JsonElement Config { get; }

    /// <summary>The network as read from names and shapes; it must be the one that was made.</summary>
    public RecurrentModel Model { get; }

    /// <summary>All results that the engine must reproduce, row-major.</summary>
    public Dictionary<string, double[]> Expected { get; }

    /// <summary>One file of tests/Data/torch: everything in it, the description in its metadata.</summary>
    public static PyTorchCase FromFile(string path)
    {
        var file = SafetensorsFile.Load(path);
        var config = JsonElement.Parse(file.Metadata["case"]);
        var weights = new SafetensorsWriter();
        if (config.GetProperty("head").GetString() == "last_step")
        {
            weights.Metadata["spanrnn"] = """{"head":"last_step"}""";
        }

        Dictionary<string, double[]> inputs = [];
        Dictionary<string, double[]> expected = [];
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            double[] values = Values(tensor);
            if (_inputNames.Contains(tensor.Name))
            {
                inputs.Add(tensor.Name, values);
            }
            else if (_outputNames.Contains(tensor.Name)
                || tensor.Name.StartsWith("grad.", StringComparison.Ordinal)
                || tensor.Name.StartsWith("after.", StringComparison.Ordinal))
            {
                expected.Add(tensor.Name, values);
            }
            else
            {
                weights.Add<double>(tensor.Name, tensor.Shape, values);
            }
        }

        int[]? lengths = config.GetProperty("lengths") is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray().Select(length => length.GetInt32())]
            : null;
        var model = SafetensorsFile.Parse(weights.ToBytes(), path);
        string module = config.GetProperty("module").GetString()!;
        return new PyTorchCase(Path.GetFileNameWithoutExtension(path), module, config, model, lengths, inputs, expected);
    }

    /// <summary>A folder of the reference cases: case.json names the other files.</summary>
    public static PyTorchCase FromFolder(string folder)
    {
        var description = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        Dictionary<string, double[]> inputs = [];
        int[]? lengths = null;
        foreach (JsonProperty entry in Members("inputs").Concat(Members("upstream_gradients")))
        {
            var array = NpyArray.Load(PathOf(entry.Value));
            if (entry.Name == "lengths")
            {
                lengths = Array.ConvertAll(array.ToInt64s("B"), int.CreateChecked);
            }
            else
            {
                inputs.Add(entry.Name, array.ToDoubles("T or states", "B", "size"));
            }
        }

        var expected = SafetensorsFile.Load(PathOf(description.GetProperty("expected")));
        return new PyTorchCase(
            Path.GetFileName(folder),
            description.GetProperty("module").GetString()!.Replace("torch.nn.", string.Empty, StringComparison.Ordinal),
            description.GetProperty("config"),
            SafetensorsFile.Load(PathOf(description.GetProperty("weights"))),
            lengths,
            inputs,
            expected.Tensors.ToDictionary(tensor => tensor.Name, Values));

        IEnumerable<JsonProperty> Members(string name) => description.GetProperty(name).EnumerateObject();
        string PathOf(JsonElement file) => Path.Combine(folder, file.GetString()!);
    }

    public int Number(string property) => Config.GetProperty(property).GetInt32();

    public string? Text(string property) => Config.GetProperty(property).GetString();

    private static double[] Values(SafetensorsTensor tensor)
    {
        double[] values = new double[tensor.Length];
        tensor.CopyTo<double>(values);
        return values;
    }

    private RecurrentLayer Layer(string module) => new(
        module switch
        {
            "RNN" => CellKind.Elman,
            "LSTM" => CellKind.Lstm,
            "GRU" => CellKind.GruResetAfter,
            _ => throw new InvalidOperationException($"{Name}: the module is {module}, expected RNN, LSTM or GRU."),
        },
        Number("hidden_size"))
    {
        Bidirectional = Config.GetProperty("bidirectional").GetBoolean(),
        Bias = Config.GetProperty("bias").GetBoolean(),
        ProjectionSize = Number("proj_size"),
        Activation = Text("nonlinearity") == "relu" ? ActivationKind.Relu : ActivationKind.Tanh,
    };
}
