using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Keras;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.RtNeural;

/// <summary>
/// Reads the JSON files of RTNeural and of programs built on it: either Keras's layers,
/// {"in_shape","layers":[{"type","activation","shape","weights"}]}, with the skip and gains of AIDA-X; or a state_dict of PyTorch, which
/// <see cref="StateDictReader"/> reads.
/// </summary>
/// <remarks>RTNeural, model_loader.h; AIDA-X, aidadsp-plugin.cpp.</remarks>
internal sealed class RtNeuralReader
{
    private const string LayerTypes = "dense, time-distributed-dense, lstm, gru, activation";

    private readonly JsonPart _root;
    private readonly JsonNotes _notes = new();
    private readonly double _inputGain;
    private readonly double _outputGain;
    private readonly NetworkBuilder _builder;

    private RtNeuralReader(JsonPart root)
    {
        _root = root;
        foreach (JsonPart member in root.Members)
        {
            switch (member.Name)
            {
                case "in_shape" or "layers" or "in_skip" or "in_gain" or "out_gain":
                    break;
                default:
                    _notes.Add(member);
                    break;
            }
        }

        _inputGain = Gain("in_gain");
        _outputGain = Gain("out_gain");
        _builder = new NetworkBuilder(LastOf(root.Get("in_shape")));
    }

    /// <summary>Reads the model of a file.</summary>
    /// <param name="root">The outermost value.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which a state_dict does not tell; null for tanh.</param>
    /// <exception cref="ModelFormatException">The content is not one recurrent network; the message says where.</exception>
    public static RecurrentModel Read(JsonPart root, ActivationKind? nonlinearity = null) => root.Find("layers") is null
        ? StateDictReader.Read(root, nonlinearity)
        : new RtNeuralReader(root).Read().WithoutChoice(nonlinearity);

    private RecurrentModel Read()
    {
        JsonPart layers = _root.Get("layers");
        int count = layers.Count();
        int index = 0;
        foreach (JsonPart layer in layers.Items)
        {
            Add(layer, index++, isLast: index == count);
        }

        if (_root.Find("in_skip") is { } skip && RtNeuralSkip.Read(skip, _builder.InputSize, _builder.OutputSize) is > 0 and int features)
        {
            if (_inputGain != 1 || _outputGain != 1)
            {
                throw skip.Fail($"is {features} with gains, expected gains of 0 dB: a gain can be applied to weights only");
            }

            _builder.AddSkip(features);
        }

        (NetworkSpec spec, ParameterSource[] sources) = _builder.Build();
        return new RecurrentModel(_root.File, "RTNeural's JSON, Keras's layers", spec, sources)
        {
            Metadata = _notes.Metadata,
            Unused = _notes.Unused,
            SampleRate = _notes.SampleRate,
        };
    }

    private void Add(JsonPart part, int index, bool isLast)
    {
        string type = part.Get("type").Text();
        var layer = new Layer(part, $"layer {index} ({ModelFormatException.Quote(type)})");
        switch (type)
        {
            case "dense" or "time-distributed-dense":
                AddDense(layer, index == 0 ? _inputGain : 1, isLast ? _outputGain : 1);
                return;
            case "lstm" or "gru":
                AddRecurrent(layer, type == "lstm" ? CellKind.Lstm : CellKind.GruResetAfter, index == 0 ? _inputGain : 1);
                break;
            case "activation":
                CheckSize(layer, _builder.OutputSize);
                Activate(layer);
                if (index == 0 && _inputGain != 1)
                {
                    throw layer.Fail("is the first layer after an 'in_gain', expected a layer with weights to apply the gain to");
                }

                break;
            default:
                throw layer.Fail($"is of a type that is not supported, expected one of {LayerTypes}");
        }

        if (isLast && _outputGain != 1)
        {
            throw layer.Fail("is the last layer before an 'out_gain', expected a dense layer with weights to apply the gain to");
        }
    }

    private void AddDense(Layer layer, double inputGain, double outputGain)
    {
        int outputs = LastOf(layer.Part.Get("shape"));
        ParameterSource[] arrays = Arrays(layer, 1, 2);
        CheckUnits(layer, arrays[0], 1, outputs);
        Check(layer, arrays, [[_builder.OutputSize, outputs], [outputs]]);
        if (outputGain != 1 && ActivationOf(layer).Length > 0)
        {
            throw layer.Fail("has an activation before an 'out_gain', expected none: a gain can be applied to weights only");
        }

        ParameterSource kernel = Scaled(arrays[0], inputGain * outputGain);
        _builder.AddDense(
            KerasWeights.Transposed(kernel, outputs),
            arrays.Length > 1 ? KerasWeights.Column(Scaled(arrays[1], outputGain), outputs) : null);
        Activate(layer);
    }

    private void AddRecurrent(Layer layer, CellKind cell, double gain)
    {
        // RTNeural computes tanh and σ whatever the file says, so a file with another activation contradicts it.
        if (ActivationOf(layer) is not ("" or "tanh"))
        {
            throw layer.Fail($"has the activation {ModelFormatException.Quote(ActivationOf(layer))}, expected tanh, the one of this layer");
        }

        int units = LastOf(layer.Part.Get("shape"));
        ParameterSource[] arrays = Arrays(layer, 2, 3);
        CheckUnits(layer, arrays[1], 0, units);
        RecurrentLayer spec = new(cell, units) { Bias = arrays.Length == 3 };
        Check(layer, arrays, KerasWeights.Shapes(spec, _builder.OutputSize));
        arrays[0] = Scaled(arrays[0], gain);
        Dictionary<(Direction, ParameterRole), ParameterSource> sources = [];
        KerasWeights.Add(spec, Direction.Forward, arrays, sources);
        _builder.Add(spec, sources);
    }

    private void Activate(Layer layer)
    {
        switch (ActivationOf(layer))
        {
            case "" or "linear":
                break;
            case "tanh":
                _builder.Activate(ActivationKind.Tanh);
                break;
            case "relu":
                _builder.Activate(ActivationKind.Relu);
                break;
            case "sigmoid":
                _builder.Activate(ActivationKind.Sigmoid);
                break;
            case "elu":
                _builder.Activate(ActivationKind.Elu);
                break;
            case "softmax":
                _builder.Normalize(Normalization.Softmax);
                break;
            case string other:
                throw layer.Fail(
                    $"has the activation {ModelFormatException.Quote(other)}, expected tanh, relu, sigmoid, elu, softmax or none");
        }
    }

    private static string ActivationOf(Layer layer) => layer.Part.Find("activation")?.Text() ?? string.Empty;

    private static ParameterSource[] Arrays(Layer layer, int fewest, int most)
    {
        JsonPart weights = layer.Part.Get("weights");
        int count = weights.Count();
        return count >= fewest && count <= most
            ? [.. weights.Items.Select(item => item.Tensor($"{layer.Part.Place}.weights{item.Name}"))]
            : throw layer.Fail($"has {count} arrays of weights, expected {fewest}, or {most} with a bias");
    }

    /// <summary>Checks the number of units in the shape of the layer against its weights.</summary>
    private static void CheckUnits(Layer layer, ParameterSource weights, int axis, int units)
    {
        if (weights.Shape.Length == 2 && weights.Shape[axis] != units)
        {
            throw layer.Fail(
                $"has the shape of {units} units, but its weights{weights.Name[weights.Name.LastIndexOf('[')..]} have shape "
                + $"{TensorShape.Text(weights.Shape)}, the shape of {weights.Shape[axis]} units, expected one size");
        }
    }

    private static void Check(Layer layer, ParameterSource[] arrays, int[][] shapes)
    {
        for (int i = 0; i < arrays.Length; i++)
        {
            if (!arrays[i].Shape.SequenceEqual(shapes[i]))
            {
                throw layer.Fail(
                    $"has weights[{i}] of shape {TensorShape.Text(arrays[i].Shape)}, expected {TensorShape.Text(shapes[i])} "
                    + "for the outputs of the layer before and its own shape");
            }
        }
    }

    private static void CheckSize(Layer layer, int expected)
    {
        if (layer.Part.Find("shape") is { } shape && LastOf(shape) != expected)
        {
            throw layer.Fail($"has the shape of {LastOf(shape)} numbers, expected {expected}, the outputs of the layer before");
        }
    }

    private static int LastOf(JsonPart shape) => shape.Count() > 0
        ? shape.Items.Last().Integer(1)
        : throw shape.Wrong("an array of sizes, the last one the size of a step");

    private static ParameterSource Scaled(ParameterSource source, double gain)
    {
        if (gain == 1)
        {
            return source;
        }

        float[] values = new float[source.Columns];
        source.CopyTo(values.AsSpan());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(values[i] * gain);
        }

        byte[] data = new byte[values.Length * sizeof(float)];
        LittleEndian.Write<float>(values, data);
        return ParameterSource.Of(source.Name, source.Shape, ElementType.Single, data, 1, values.Length);
    }

    // For AIDA-X, -90 dB and less are silence.
    private double Gain(string name)
    {
        const double Silence = -90;
        const double Loudest = 200;
        if (_root.Find(name) is not { } gain)
        {
            return 1;
        }

        double decibels = gain.Number();
        return decibels <= Silence ? 0
            : decibels <= Loudest ? Math.Pow(10, decibels / 20)
            : throw gain.Wrong("a gain of at most 200 dB");
    }

    /// <summary>A layer of the file, with its name in messages.</summary>
    private readonly record struct Layer(JsonPart Part, string Title)
    {
        public ModelFormatException Fail(string problem) => new(Part.File, $"{Title} {problem}.");
    }
}
