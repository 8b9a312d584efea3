using System.Globalization;
using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Keras;

/// <summary>
/// Reads a model of Keras 2 or 3 from a safetensors file. Its metadata entry "keras" is the result of to_json(); its tensors
/// "{layer}.{index}" are the arrays of get_weights(). The model is a Sequential, or a Functional whose layers are a chain with skips.
/// </summary>
/// <remarks>keras.layers, get_config() and call() of each layer, in Keras 2.15 and 3.</remarks>
internal sealed partial class KerasReader
{
    /// <summary>The name of the metadata entry with the model.</summary>
    public const string MetadataName = "keras";

    private const string Known = "Embedding, SimpleRNN, LSTM, GRU, Bidirectional, TimeDistributed, Dense, BatchNormalization, "
        + "LayerNormalization, RMSNormalization, Normalization, Rescaling, GlobalAveragePooling1D, GlobalMaxPooling1D, Activation, ReLU, "
        + "LeakyReLU, ELU, ThresholdedReLU, PReLU, Softmax, Add, Masking, and layers that act in training only";

    private readonly SafetensorsFile _file;
    private readonly KerasActivations _activations;
    private readonly HashSet<string> _used = [];
    private readonly List<string> _unused = [];
    private readonly KerasValues _values;
    private NetworkBuilder? _builder;
    private int? _inputSize;
    private bool _isRecurrent;

    // True if the steps now run from the last to the first, as a layer with go_backwards gives them.
    private bool _isReversed;

    private KerasReader(SafetensorsFile file, JsonPart root)
    {
        _file = file;
        _activations = new KerasActivations(Version(file, root));
        _values = new KerasValues(root);
    }

    /// <summary>Index of the axis of the features: [batch, steps, features], or [batch, features] of one row per sequence.</summary>
    private int LastAxis => _builder?.IsPerSequence == true ? 1 : 2;

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
        foreach (KerasLayer layer in KerasLayer.All(root))
        {
            Follow(layer);
        }

        _values.CheckOutput(root);
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
        return new RecurrentModel(_file.Name, "safetensors, Keras's layers", spec, sources)
        {
            Inputs = Array.ConvertAll(ModelPorts.Inputs(spec), port => port.BatchFirst()),
            Outputs = Array.ConvertAll(ModelPorts.Outputs(spec), port => port.BatchFirst()),
            Metadata = _file.Metadata.Where(entry => entry.Key != MetadataName).ToDictionary(entry => entry.Key, entry => entry.Value),
            Unused = _unused,
        };
    }

    /// <summary>Follows the model by a layer: one that reads the layer before it, a sum with earlier ones, or one without effect.</summary>
    private void Follow(KerasLayer layer)
    {
        switch (layer.Type)
        {
            case KerasLayer.Mask:
                return;
            case "InputLayer":
                Shape(layer, "batch_shape");
                Shape(layer, "batch_input_shape");
                _values.Start(layer);
                return;
            case "Masking":
                _unused.Add($"{layer.Title}: leave masked steps out of the sequences and give their lengths");
                _values.Pass(layer);
                return;
            case "Dropout" or "SpatialDropout1D" or "GaussianDropout" or "GaussianNoise" or "AlphaDropout" or "ActivityRegularization":
                _values.Pass(layer);
                return;
            case "Add" when layer.Reads is { Count: > 1 }:
                AddSkips(layer);
                break;
            default:
                _values.CheckReads(layer);

                // Keras 2 may leave the InputLayer out.
                Shape(layer, "batch_input_shape");
                Add(layer, LastAxis);
                break;
        }

        _values.End(layer, End);
    }

    private KerasValues.Value End => new(_builder!.Count, _builder.OutputSize, _builder.IsPerSequence, _isReversed);

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

    private void Add(KerasLayer layer, int lastAxis)
    {
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
                AddDense(layer, lastAxis);
                break;
            case "BatchNormalization":
                AddBatchNormalization(layer, lastAxis);
                break;
            case "LayerNormalization" or "RMSNormalization":
                AddNormalization(layer, lastAxis);
                break;
            case "Normalization":
                AddDeviations(layer, lastAxis);
                break;
            case "GlobalAveragePooling1D":
                AddPooling(layer, Pooling.Mean);
                break;
            case "GlobalMaxPooling1D":
                AddPooling(layer, Pooling.Maximum);
                break;
            case "PReLU":
                AddSlopes(layer, lastAxis);
                break;
            case "Activation" or "ReLU" or "LeakyReLU" or "ELU" or "ThresholdedReLU" or "Softmax" or "Rescaling":
                AddActivation(layer, lastAxis);
                break;
            default:
                throw layer.Fail($"is of a class that is not supported, expected {Known}");
        }
    }

    /// <summary>The chain so far; a layer without weights that tell its input comes after an input of a known size.</summary>
    private NetworkBuilder Builder(KerasLayer layer) =>
        _builder ??= new NetworkBuilder(_inputSize ?? throw layer.Fail("comes first, expected the shape of an input before it"));

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
