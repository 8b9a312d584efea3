using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Keras;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.RtNeural;

/// <summary>
/// Reads the JSON files of RTNeural and of programs built on it: either Keras's layers,
/// {"in_shape","layers":[{"type","activation","shape","weights"}]}, with the skip and gains of AIDA-X; or a state_dict of PyTorch, which
/// <see cref="StateDictReader"/> reads. With gains g and o and a skip, the output is o · (network(g · x) + g · x).
/// </summary>
/// <remarks>RTNeural, model_loader.h; AIDA-X, aidadsp-plugin.cpp.</remarks>
internal sealed class RtNeuralReader
{
    private const string LayerTypes = "dense, time-distributed-dense, lstm, gru, batchnorm, prelu, activation";

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

        // A gain is part of the weights beside it. Where there are none, or a skip is between, it is a layer of its own.
        bool isAround = _root.Find("in_skip") is { } around && around.Integer(0) > 0;
        bool scalesInput = _inputGain != 1 && count > 0 && (isAround || !HasMatrix(layers.Items.First()));
        bool scalesOutput = _outputGain != 1 && count > 0 && (isAround || !IsLinear(layers.Items.Last()));
        if (scalesInput)
        {
            // It is the gain of the signal, the first number of a step. Parameters of the amplifier follow it.
            float[] gains = new float[_builder.InputSize];
            gains.AsSpan().Fill(1);
            gains[0] = (float)_inputGain;
            AddGains(gains);
        }

        int index = 0;
        foreach (JsonPart layer in layers.Items)
        {
            double inputGain = index == 0 && !scalesInput ? _inputGain : 1;
            Add(layer, index++, inputGain, index == count && !scalesOutput ? _outputGain : 1);
        }

        if (_root.Find("in_skip") is { } skip && RtNeuralSkip.Read(skip, _builder.InputSize, _builder.OutputSize) is > 0 and int features)
        {
            _builder.Add(new SkipLayer(scalesInput ? 1 : 0) { Features = features }, []);
        }

        if (scalesOutput)
        {
            float[] gains = new float[_builder.OutputSize];
            gains.AsSpan().Fill((float)_outputGain);
            AddGains(gains);
        }

        (NetworkSpec spec, ParameterSource[] sources) = _builder.Build();
        return new RecurrentModel(_root.File, "RTNeural's JSON, Keras's layers", spec, sources)
        {
            Metadata = _notes.Metadata,
            Unused = _notes.Unused,
            SampleRate = _notes.SampleRate,
        };
    }

    private static bool HasMatrix(JsonPart layer) => layer.Get("type").Text() is "dense" or "time-distributed-dense" or "lstm" or "gru";

    private static bool IsLinear(JsonPart layer) => layer.Get("type").Text() is "dense" or "time-distributed-dense"
        && (layer.Find("activation")?.Text() ?? string.Empty) is "" or "linear";

    private void AddGains(float[] gains) =>
        _builder.AddVector(VectorUse.Scale, ParameterSource.Of(string.Empty, gains, gains.Length, 1));

    private void Add(JsonPart part, int index, double inputGain, double outputGain)
    {
        string type = part.Get("type").Text();
        var layer = new Layer(part, $"layer {index} ({ModelFormatException.Quote(type)})");
        switch (type)
        {
            case "dense" or "time-distributed-dense":
                AddDense(layer, inputGain, outputGain);
                break;
            case "lstm" or "gru":
                AddRecurrent(layer, type == "lstm" ? CellKind.Lstm : CellKind.GruResetAfter, inputGain);
                break;
            case "batchnorm":
                AddBatchNormalization(layer);
                break;
            case "prelu":
                AddSlopes(layer);
                break;
            case "activation":
                CheckSize(layer, _builder.OutputSize);
                Activate(layer);
                break;
            default:
                throw layer.Fail($"is of a type that is not supported, expected one of {LayerTypes}");
        }
    }

    private void AddDense(Layer layer, double inputGain, double outputGain)
    {
        int outputs = LastOf(layer.Part.Get("shape"));
        ParameterSource[] arrays = Arrays(layer, 1, 2);
        CheckUnits(layer, arrays[0], 1, outputs);
        Check(layer, arrays, [[_builder.OutputSize, outputs], [outputs]]);
        ParameterSource kernel = Scaled(arrays[0], inputGain * outputGain, outputGain);
        _builder.AddDense(
            KerasWeights.Transposed(kernel, outputs),
            arrays.Length > 1 ? KerasWeights.Column(Scaled(arrays[1], outputGain, outputGain), outputs) : null);
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
        arrays[0] = Scaled(arrays[0], gain, 1);
        Dictionary<(Direction, ParameterRole), ParameterSource> sources = [];
        KerasWeights.Add(spec, Direction.Forward, arrays, sources);
        _builder.Add(spec, sources);
    }

    // [gamma, beta, mean, variance], or the last two.
    private void AddBatchNormalization(Layer layer)
    {
        CheckActivation(layer, string.Empty);
        int size = _builder.OutputSize;
        CheckSize(layer, size);
        ParameterSource[] arrays = Arrays(layer, 2, 4, "gamma and beta");
        Check(layer, arrays, [.. Enumerable.Repeat<int[]>([size], arrays.Length)]);
        bool isAffine = arrays.Length == 4;
        (ParameterSource scale, ParameterSource shift) = BatchStatistics.ScaleAndShift(
            isAffine ? arrays[0] : null,
            isAffine ? arrays[1] : null,
            arrays[^2],
            arrays[^1],
            layer.Part.Get("epsilon").Number(),
            layer.Fail);
        _builder.AddVector(VectorUse.Scale, scale);
        _builder.AddVector(VectorUse.Shift, shift);
    }

    // [[slopes]], one for each number of a step or one for all.
    private void AddSlopes(Layer layer)
    {
        CheckActivation(layer, "prelu");
        int size = _builder.OutputSize;
        CheckSize(layer, size);
        ParameterSource[] arrays = Arrays(layer, 1, 1);
        int slopes = arrays[0].Columns == 1 ? 1 : size;
        Check(layer, arrays, [[1, slopes]]);
        _builder.AddVector(VectorUse.Slope, KerasWeights.Column(arrays[0], size));
    }

    // RTNeural computes no activation behind these layers, whatever the file says.
    private static void CheckActivation(Layer layer, string own)
    {
        if (ActivationOf(layer) is var found && found is not ("" or "linear") && found != own)
        {
            throw layer.Fail($"has the activation {ModelFormatException.Quote(found)}, expected none");
        }
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

    private static ParameterSource[] Arrays(Layer layer, int fewest, int most, string rest = "a bias")
    {
        JsonPart weights = layer.Part.Get("weights");
        int count = weights.Count();
        return count == fewest || count == most
            ? [.. weights.Items.Select(item => item.Tensor($"{layer.Part.Place}.weights{item.Name}"))]
            : throw layer.Fail(
                $"has {count} arrays of weights, expected {fewest}{(most == fewest ? string.Empty : $", or {most} with {rest}")}");
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

    // A factor of the first row of a kernel [inputs, outputs], whose input is the signal, and one of all other rows.
    private static ParameterSource Scaled(ParameterSource source, double first, double others)
    {
        if (first == 1 && others == 1)
        {
            return source;
        }

        float[] values = new float[source.Columns];
        source.CopyTo(values.AsSpan());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(values[i] * (i < source.Shape[^1] ? first : others));
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
