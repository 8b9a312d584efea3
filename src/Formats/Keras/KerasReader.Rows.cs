using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Keras;

/// <content>Layers without recurrence: embeddings, dense layers, normalization, activations, poolings and sums.</content>
internal sealed partial class KerasReader
{
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
        if (layer.Flag("mask_zero", false))
        {
            _unused.Add($"{layer.Title}, mask_zero: leave the symbols 0 out of the sequences and give their lengths");
        }
    }

    private void AddDense(KerasLayer layer, int lastAxis)
    {
        int units = layer.Config.Get("units").Integer(1);
        bool bias = layer.Flag("use_bias", true);
        int inputs = InputSize(layer);
        ParameterSource[] arrays = Arrays(layer, bias ? [[inputs, units], [units]] : [[inputs, units]]);
        _builder!.AddDense(KerasWeights.Transposed(arrays[0], units), bias ? KerasWeights.Column(arrays[1], units) : null);
        Activate(layer, lastAxis, joins: true);
    }

    // The arrays of the layer inside have the name of the wrapper.
    private void AddOnEveryStep(KerasLayer layer)
    {
        KerasLayer inner = KerasLayer.Of(layer.Config.Get("layer")) with { Name = layer.Name };
        switch (inner.Type)
        {
            case "Dropout":
                Builder(layer);
                break;
            case "Dense" or "BatchNormalization" or "LayerNormalization" or "RMSNormalization" or "PReLU"
                or "Activation" or "ReLU" or "LeakyReLU" or "ELU" or "ThresholdedReLU" or "Softmax":
                Add(inner, lastAxis: 1);
                break;
            default:
                throw layer.Fail(
                    $"holds {ModelFormatException.Quote(inner.Type)}, expected a Dense or an activation, or a normalization of features");
        }
    }

    private void AddActivation(KerasLayer layer, int lastAxis)
    {
        Builder(layer);
        Activate(layer, lastAxis, joins: !_values.IsFork);
    }

    private void Activate(KerasLayer layer, int lastAxis, bool joins)
    {
        foreach (ActivationLayer one in _activations.Of(layer, lastAxis))
        {
            if (one.Normalization != Normalization.None)
            {
                _builder!.Normalize(one.Normalization);
            }
            else
            {
                _builder!.Activate(one.Activation, joins);
            }
        }
    }

    // [gamma, beta, moving mean, moving variance], without gamma or beta if it has none.
    private void AddBatchNormalization(KerasLayer layer, int lastAxis)
    {
        layer.CheckAxis(lastAxis);
        int size = Builder(layer).OutputSize;
        bool scale = layer.Flag("scale", true);
        bool center = layer.Flag("center", true);
        ParameterSource[] arrays = Arrays(layer, Vectors(size, 2 + (scale ? 1 : 0) + (center ? 1 : 0)));
        AddStatistics(
            layer,
            scale ? arrays[0] : null,
            center ? arrays[scale ? 1 : 0] : null,
            arrays[^2],
            arrays[^1],
            layer.Number("epsilon") ?? 1e-3);
    }

    // [mean, variance, count]; the mean and the variance may be in the config instead. Keras divides by the deviation.
    private void AddDeviations(KerasLayer layer, int lastAxis)
    {
        layer.CheckAxis(lastAxis);
        if (layer.Flag("invert", false))
        {
            throw layer.Fail("has 'invert', expected false");
        }

        int size = Builder(layer).OutputSize;
        ParameterSource[] arrays = layer.Config.Find("mean") is { } mean
            ? [Constant(layer, mean, size), Constant(layer, layer.Config.Get("variance"), size)]
            : Arrays(layer, [[size], [size], []]);
        AddStatistics(layer, null, null, arrays[0], arrays[1], epsilon: 0);
    }

    private void AddStatistics(
        KerasLayer layer,
        ParameterSource? gamma,
        ParameterSource? beta,
        ParameterSource mean,
        ParameterSource variance,
        double epsilon)
    {
        (ParameterSource scale, ParameterSource shift) =
            BatchStatistics.ScaleAndShift(gamma, beta, mean, variance, epsilon, layer.Fail);
        _builder!.AddVector(VectorUse.Scale, scale, joins: !_values.IsFork);
        _builder.AddVector(VectorUse.Shift, shift);
    }

    // [gamma, beta], or [scale] of RMSNormalization.
    private void AddNormalization(KerasLayer layer, int lastAxis)
    {
        layer.CheckAxis(lastAxis);
        bool centers = layer.Type == "LayerNormalization";
        if (centers && layer.Flag("rms_scaling", false))
        {
            throw layer.Fail("has 'rms_scaling', which divides by the variance, expected false");
        }

        double epsilon = layer.Number("epsilon") ?? (centers ? 1e-3 : 1e-6);
        if (!(epsilon > 0))
        {
            throw layer.Fail(FormattableString.Invariant($"has an epsilon of {epsilon}, expected a number above 0"));
        }

        int size = Builder(layer).OutputSize;
        bool scale = !centers || layer.Flag("scale", true);
        bool shift = centers && layer.Flag("center", true);
        ParameterSource[] arrays = Arrays(layer, Vectors(size, (scale ? 1 : 0) + (shift ? 1 : 0)));
        FeatureNormalization kind = centers ? FeatureNormalization.Layer : FeatureNormalization.RootMeanSquare;
        _builder!.Add(new NormalizationLayer(kind) { Epsilon = epsilon, Scale = false, Shift = false }, []);
        if (scale)
        {
            _builder.AddVector(VectorUse.Scale, KerasWeights.Column(arrays[0], size));
        }

        if (shift)
        {
            _builder.AddVector(VectorUse.Shift, KerasWeights.Column(arrays[^1], size));
        }
    }

    // Slopes have the axes of the input without the batch; shared axes have one.
    private void AddSlopes(KerasLayer layer, int lastAxis)
    {
        int size = Builder(layer).OutputSize;
        SafetensorsTensor tensor = Tensor(layer, 0);
        bool fits = lastAxis == 1 ? tensor.Shape is [var own] && (own == size || own == 1)
            : tensor.Shape is [1, var each] && (each == size || each == 1);
        if (!fits)
        {
            throw layer.Fail(
                $"has slopes of shape {TensorShape.Text(tensor.Shape)}, expected {(lastAxis == 1 ? $"[{size}]" : $"[1, {size}]")}: one for "
                + "each feature, with the steps in 'shared_axes'");
        }

        _used.Add(tensor.Name);
        _builder!.AddVector(VectorUse.Slope, KerasWeights.Column(tensor.Source(1, tensor.Length), size));
    }

    private void AddPooling(KerasLayer layer, Pooling kind)
    {
        if (layer.Config.Find("data_format") is { } format && format.Text() != "channels_last")
        {
            throw layer.Fail($"has 'data_format' = {ModelFormatException.Quote(format.Text())}, expected 'channels_last'");
        }

        if (layer.Flag("keepdims", false))
        {
            throw layer.Fail("has 'keepdims', expected false");
        }

        if (Builder(layer).IsPerSequence)
        {
            throw layer.Fail("follows a layer that leaves one row per sequence, expected a row for each step");
        }

        _builder!.Add(new PoolLayer(kind), []);
    }

    private void AddSkips(KerasLayer layer)
    {
        foreach (KerasValues.Value value in _values.Added(layer))
        {
            int size = value.Layer == 0 ? _builder!.InputSize : value.Size;
            if (size != _builder!.OutputSize)
            {
                throw layer.Fail($"adds {size} numbers of an earlier layer to {_builder.OutputSize}, expected as many");
            }

            if (value.IsPerSequence != _builder.IsPerSequence)
            {
                throw layer.Fail("adds the steps of a sequence to one row per sequence, expected both behind the layer that leaves it");
            }

            if (value.IsReversed != _isReversed)
            {
                throw layer.Fail("adds steps from the first to the last to steps from the last to the first, expected one direction");
            }

            _builder.Add(new SkipLayer(value.Layer), []);
        }
    }

    private static int[][] Vectors(int size, int count) => [.. Enumerable.Repeat<int[]>([size], count)];

    private static ParameterSource Constant(KerasLayer layer, JsonPart part, int size)
    {
        ParameterSource source = part.Tensor(part.Place);
        return source.Columns == size ? source : throw layer.Fail(
            $"has '{part.Name}' of shape {TensorShape.Text(source.Shape)}, expected [{size}], one for each feature");
    }
}
