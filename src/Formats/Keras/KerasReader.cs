using System.Globalization;
using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Keras;

/// <summary>
/// Reads a model of Keras 2 or 3 from a safetensors file. Its metadata entry "keras" is the result of to_json(); its tensors
/// "{layer}.{index}" are the arrays of get_weights(). The model is a Sequential, or a Functional whose layers are a chain.
/// </summary>
/// <remarks>keras.layers, get_config() and call() of each layer, in Keras 2.15 and 3.</remarks>
internal sealed class KerasReader
{
    /// <summary>The name of the metadata entry with the model.</summary>
    public const string MetadataName = "keras";

    private const string Known = "Embedding, SimpleRNN, LSTM, GRU, Bidirectional, TimeDistributed, Dense, Activation, ReLU, LeakyReLU, "
        + "ELU, Softmax, Masking, and layers that act in training only";

    private readonly SafetensorsFile _file;
    private readonly KerasActivations _activations;
    private readonly HashSet<string> _used = [];
    private readonly List<string> _unused = [];
    private NetworkBuilder? _builder;
    private int? _inputSize;
    private bool _isRecurrent;

    // True if the steps now run from the last to the first, as a layer with go_backwards gives them.
    private bool _isReversed;

    private KerasReader(SafetensorsFile file, JsonPart root)
    {
        _file = file;
        _activations = new KerasActivations(Version(file, root));
    }

    /// <summary>Reads the model of a file.</summary>
    /// <param name="file">A file that has the metadata entry; the model refers to it.</param>
    /// <exception cref="ModelFormatException">The content is not one recurrent network; the message says where.</exception>
    public static RecurrentModel Read(SafetensorsFile file) => JsonPart.Read(
        InputFile.Of(Encoding.UTF8.GetBytes(file.Metadata[MetadataName]), file.Name),
        $"the metadata entry '{MetadataName}'",
        root => new KerasReader(file, root).Read(root));

    // 2 or 3, or null if the file does not say.
    private static int? Version(SafetensorsFile file, JsonPart root)
    {
        string? version = file.Metadata.GetValueOrDefault("keras_version") ?? root.Find("keras_version")?.Text();
        return version is null ? (root.Find("module") is null ? null : 3)
            : version.StartsWith("2.", StringComparison.Ordinal) ? 2
            : version.StartsWith("3.", StringComparison.Ordinal) ? 3
            : throw new ModelFormatException(
                file.Name, $"the version of Keras is {ModelFormatException.Quote(version)}, expected 2 or 3.");
    }

    private RecurrentModel Read(JsonPart root)
    {
        foreach (KerasLayer layer in KerasLayer.Chain(root))
        {
            Add(layer);
        }

        if (_builder is null || !_isRecurrent)
        {
            throw root.Fail("has no recurrent layer, expected SimpleRNN, LSTM or GRU");
        }

        if (_isReversed && !_builder.IsPerSequence)
        {
            throw root.Fail("has its steps from the last to the first, expected a layer after 'go_backwards' that reverses them");
        }

        if (_file.Tensors.FirstOrDefault(tensor => !_used.Contains(tensor.Name)) is { } extra)
        {
            throw new ModelFormatException(
                _file.Name,
                $"tensor {ModelFormatException.Quote(extra.Name)} belongs to no layer, expected only tensors of the model's layers.");
        }

        (NetworkSpec spec, ParameterSource[] sources) = _builder.Build();
        return new RecurrentModel(_file.Name, "safetensors, Keras", spec, sources)
        {
            Inputs = Array.ConvertAll(ModelPorts.Inputs(spec), port => port.BatchFirst()),
            Outputs = Array.ConvertAll(ModelPorts.Outputs(spec), port => port.BatchFirst()),
            Metadata = _file.Metadata.Where(entry => entry.Key != MetadataName).ToDictionary(entry => entry.Key, entry => entry.Value),
            Unused = _unused,
        };
    }

    private void Add(KerasLayer layer)
    {
        switch (layer.Type)
        {
            case "InputLayer":
                Shape(layer, "batch_shape");
                Shape(layer, "batch_input_shape");
                return;
            case "Dropout" or "SpatialDropout1D" or "GaussianDropout" or "GaussianNoise" or "AlphaDropout" or "ActivityRegularization":
                return;
            case "NotEqual":
                return;
            case "Masking":
                _unused.Add($"{layer.Title}: leave masked steps out of the sequences and give their lengths");
                return;
        }

        // Keras 2 may leave the InputLayer out.
        Shape(layer, "batch_input_shape");
        switch (layer.Type)
        {
            case "Embedding":
                AddEmbedding(layer);
                break;
            case "SimpleRNN" or "LSTM" or "GRU":
                AddRecurrent(layer);
                break;
            case "Bidirectional":
                AddBidirectional(layer);
                break;
            case "TimeDistributed":
                AddOnEveryStep(layer);
                break;
            case "Dense":
                AddDense(layer);
                break;
            case "Activation" or "ReLU" or "LeakyReLU" or "ELU" or "Softmax":
                _builder ??= new NetworkBuilder(_inputSize ?? throw layer.Fail("comes first, expected the shape of an input before it"));
                Activate(layer);
                break;
            default:
                throw layer.Fail($"is of a class that is not supported, expected {Known}");
        }
    }

    private void Shape(KerasLayer layer, string name)
    {
        if (layer.Config.Find(name) is not { } shape || _builder is not null)
        {
            return;
        }

        // [batch, steps] of symbols or [batch, steps, numbers].
        int sizes = shape.Count();
        if (sizes is not (2 or 3))
        {
            throw shape.Fail($"has {sizes} sizes, expected [batch, steps, numbers], or [batch, steps] in front of an Embedding");
        }

        JsonPart last = shape.Items.Last();
        if (sizes == 3 && last.Kind != JsonValueKind.Null)
        {
            _inputSize = last.Integer(1);
        }
    }

    private void AddEmbedding(KerasLayer layer)
    {
        if (_builder is not null)
        {
            throw layer.Fail("follows another layer, expected an embedding as the first layer only");
        }

        int symbols = layer.Config.Get("input_dim").Integer(1);
        int size = layer.Config.Get("output_dim").Integer(1);
        ParameterSource table = Arrays(layer, [[symbols, size]])[0];
        _builder = new NetworkBuilder(table.Window(0, symbols, size, size, 1));
        if (layer.Config.Find("mask_zero")?.Flag() == true)
        {
            _unused.Add($"{layer.Title}, mask_zero: leave the symbols 0 out of the sequences and give their lengths");
        }
    }

    private void AddDense(KerasLayer layer)
    {
        int units = layer.Config.Get("units").Integer(1);
        bool bias = layer.Config.Find("use_bias")?.Flag() ?? true;
        int inputs = InputSize(layer);
        ParameterSource[] arrays = Arrays(layer, bias ? [[inputs, units], [units]] : [[inputs, units]]);
        _builder!.AddDense(KerasWeights.Transposed(arrays[0], units), bias ? KerasWeights.Column(arrays[1]) : null);
        Activate(layer);
    }

    // The arrays of the layer inside have the name of the wrapper.
    private void AddOnEveryStep(KerasLayer layer)
    {
        KerasLayer inner = KerasLayer.Of(layer.Config.Get("layer")) with { Name = layer.Name };
        if (inner.Type is not ("Dense" or "Activation" or "ReLU" or "LeakyReLU" or "ELU" or "Softmax" or "Dropout"))
        {
            throw layer.Fail($"holds {ModelFormatException.Quote(inner.Type)}, expected a Dense or an activation");
        }

        Add(inner);
    }

    private void Activate(KerasLayer layer)
    {
        switch (_activations.Of(layer))
        {
            case (var function, Normalization.None):
                _builder!.Activate(function);
                break;
            case (_, var normalization):
                _builder!.Normalize(normalization);
                break;
        }
    }

    private void AddRecurrent(KerasLayer layer)
    {
        RecurrentLayer spec = Recurrent(layer) with { Reverse = _isReversed != GoesBackwards(layer) };
        int inputs = InputSize(layer);
        Dictionary<(Direction, ParameterRole), ParameterSource> sources = [];
        KerasWeights.Add(
            spec, spec.Reverse ? Direction.Reverse : Direction.Forward, Arrays(layer, KerasWeights.Shapes(spec, inputs)), sources);
        _isReversed = spec.Reverse;
        Add(layer, layer, spec, sources);
    }

    private void AddBidirectional(KerasLayer layer)
    {
        JsonPart? mode = layer.Config.Find("merge_mode");
        if (mode?.Text() != "concat")
        {
            throw layer.Fail($"merges by {ModelFormatException.Quote(mode?.Text() ?? "null")}, expected 'concat'");
        }

        if (_isReversed)
        {
            throw layer.Fail("follows a layer whose steps come from the last to the first, expected them from the first to the last");
        }

        var forward = KerasLayer.Of(layer.Config.Get("layer"));
        JsonPart? own = layer.Config.Find("backward_layer");
        KerasLayer backward = own is null ? forward : KerasLayer.Of(own.Value);
        RecurrentLayer spec = Recurrent(forward);
        RecurrentLayer reverse = Recurrent(backward);
        if (GoesBackwards(forward) || (own is not null && !GoesBackwards(backward)))
        {
            throw layer.Fail("has layers that run in other directions, expected the first one forward and the second one backward");
        }

        RecurrentLayer alike = reverse with
        {
            Activation = spec.Activation,
            GateActivation = spec.GateActivation,
            OutputActivation = spec.OutputActivation,
        };
        if (alike != spec
            || ReturnsSequences(forward) != ReturnsSequences(backward))
        {
            throw layer.Fail("has two layers of different kinds or sizes, expected layers that differ in their activations only");
        }

        int inputs = InputSize(layer);
        int[][] shapes = KerasWeights.Shapes(spec, inputs);
        ParameterSource[] arrays = Arrays(layer, [.. shapes, .. shapes]);
        Dictionary<(Direction, ParameterRole), ParameterSource> sources = [];
        KerasWeights.Add(spec, Direction.Forward, arrays.AsSpan(0, shapes.Length), sources);
        KerasWeights.Add(spec, Direction.Reverse, arrays.AsSpan(shapes.Length), sources);
        LayerActivations? activations = reverse == spec ? null : new(reverse.Activation, reverse.GateActivation, reverse.OutputActivation);
        Add(layer, forward, spec with { Bidirectional = true, ReverseActivations = activations }, sources);
    }

    private void Add(
        KerasLayer layer, KerasLayer inner, RecurrentLayer spec, Dictionary<(Direction, ParameterRole), ParameterSource> sources)
    {
        if (_builder!.IsPerSequence)
        {
            throw layer.Fail("follows a layer without 'return_sequences', expected only layers without recurrence after it");
        }

        _builder.Add(spec, sources);
        _isRecurrent = true;
        if (!ReturnsSequences(inner))
        {
            _builder.Pool(new FinalStateLayer());
        }
    }

    private static bool GoesBackwards(KerasLayer layer) => layer.Config.Find("go_backwards")?.Flag() ?? false;

    private static bool ReturnsSequences(KerasLayer layer) => layer.Config.Find("return_sequences")?.Flag() ?? false;

    /// <summary>Describes the layer without its direction.</summary>
    private RecurrentLayer Recurrent(KerasLayer layer)
    {
        JsonPart config = layer.Config;
        CellKind cell = layer.Type switch
        {
            "SimpleRNN" => CellKind.Elman,
            "LSTM" => CellKind.Lstm,
            "GRU" => config.Find("reset_after")?.Flag() ?? false ? CellKind.GruResetAfter : CellKind.GruResetBefore,
            _ => throw layer.Fail("is of a class that is not supported, expected SimpleRNN, LSTM or GRU"),
        };
        foreach (string name in new[] { "return_state", "time_major" })
        {
            if (config.Find(name)?.Flag() == true)
            {
                throw layer.Fail($"has '{name}', expected false");
            }
        }

        string stateful = $"{layer.Title}, stateful: give the final states of one batch to the next one as its initial states";
        if (config.Find("stateful")?.Flag() == true && !_unused.Contains(stateful))
        {
            _unused.Add(stateful);
        }

        ActivationSpec activation = _activations.Of(layer, "activation");
        return new RecurrentLayer(cell, config.Get("units").Integer(1))
        {
            Bias = config.Find("use_bias")?.Flag() ?? true,
            Activation = activation,
            GateActivation = cell == CellKind.Elman ? ActivationKind.Sigmoid : _activations.Of(layer, "recurrent_activation"),
            OutputActivation = cell == CellKind.Lstm ? activation : ActivationKind.Tanh,
        };
    }

    /// <summary>Input size of a layer with weights. If it is the first layer, its weights determine the size.</summary>
    private int InputSize(KerasLayer layer)
    {
        if (_builder is null)
        {
            ReadOnlySpan<int> kernel = Tensor(layer, 0).Shape;
            if (kernel is not [> 0, _] || (_inputSize is { } size && size != kernel[0]))
            {
                throw layer.Fail(
                    $"has a kernel of shape {TensorShape.Text(kernel)}, expected "
                    + $"[{_inputSize?.ToString(CultureInfo.InvariantCulture) ?? "inputs"}, ...] for the input of the layer");
            }

            _builder = new NetworkBuilder(kernel[0]);
        }

        return _builder.OutputSize;
    }

    private ParameterSource[] Arrays(KerasLayer layer, int[][] shapes)
    {
        var arrays = new ParameterSource[shapes.Length];
        for (int i = 0; i < arrays.Length; i++)
        {
            SafetensorsTensor tensor = Tensor(layer, i);
            if (!tensor.Shape.SequenceEqual(shapes[i]))
            {
                throw layer.Fail(
                    $"has the tensor {ModelFormatException.Quote(tensor.Name)} of shape {TensorShape.Text(tensor.Shape)}, expected "
                    + $"{TensorShape.Text(shapes[i])} for the input of the layer and its units");
            }

            _used.Add(tensor.Name);
            arrays[i] = tensor.Source(1, tensor.Length);
        }

        return arrays;
    }

    private SafetensorsTensor Tensor(KerasLayer layer, int index)
    {
        string name = $"{layer.Name}.{index}";
        return _file.Find(name) ?? throw layer.Fail($"has no tensor {ModelFormatException.Quote(name)}, expected one");
    }
}
