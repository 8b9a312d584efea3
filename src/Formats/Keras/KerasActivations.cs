using System.Text.Json;
using SpanRnn.Formats.Json;

namespace SpanRnn.Formats.Keras;

/// <summary>Activations of Keras: by name, as objects and as layers.</summary>
/// <remarks>keras.activations; the hard sigmoid is 0.2·x + 0.5 in Keras 2 and x / 6 + 0.5 in Keras 3, limited to 0 … 1 in both.</remarks>
/// <param name="version">2 or 3, or null if unknown.</param>
internal sealed class KerasActivations(int? version)
{
    // The slope of keras.activations.leaky_relu is not the slope of the layer LeakyReLU.
    private const double NamedSlope = 0.2;
    private const double LayerSlope = 0.3;

    /// <summary>Reads the activation of a recurrent layer from the member of its config with that name.</summary>
    public ActivationSpec Of(KerasLayer layer, string name)
    {
        JsonPart part = layer.Config.Get(name);
        return Of(layer, part, -1) is [{ Normalization: Normalization.None } one]
            ? one.Activation
            : throw layer.Fail($"has '{name}' = {ModelFormatException.Quote(part.Shown())}, expected a function of one number");
    }

    /// <summary>
    /// Reads what a layer computes: the activation in the config of a Dense or Activation, or the layer itself. One follows the other.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="lastAxis">Index of the axis of the features.</param>
    public ActivationLayer[] Of(KerasLayer layer, int lastAxis) => layer.Type switch
    {
        "Dense" or "Activation" => layer.Config.Find("activation") is { } part ? Of(layer, part, lastAxis) : [],
        _ => OfLayer(layer, lastAxis),
    };

    private ActivationLayer[] Of(KerasLayer layer, JsonPart part, int lastAxis)
    {
        if (part.Kind != JsonValueKind.Object)
        {
            return [Named(layer, part.Text())];
        }

        // The config of a function is its name; the config of a layer is its settings.
        JsonPart config = part.Get("config");
        string type = part.Get("class_name").Text();
        return config.Kind == JsonValueKind.String
            ? [Named(layer, config.Text())]
            : OfLayer(new(layer.Name, type, config), lastAxis);
    }

    private ActivationLayer Named(KerasLayer layer, string name) => name switch
    {
        "softmax" => Normalized(Normalization.Softmax),
        "log_softmax" => Normalized(Normalization.LogSoftmax),
        _ => new(name switch
        {
            "linear" => ActivationKind.Identity,
            "tanh" => ActivationKind.Tanh,
            "sigmoid" => ActivationKind.Sigmoid,
            "relu" => ActivationKind.Relu,
            "elu" => ActivationKind.Elu,
            "softplus" => ActivationKind.Softplus,
            "softsign" => ActivationKind.Softsign,
            "leaky_relu" => new ActivationSpec(ActivationKind.LeakyRelu, NamedSlope, 0),
            "hard_sigmoid" => HardSigmoid(layer),
            "silu" or "swish" => ActivationKind.Silu,
            "gelu" => ActivationKind.Gelu,
            "exponential" => ActivationKind.Exp,
            "selu" => ActivationKind.Selu,
            "celu" => ActivationKind.Celu,
            "mish" => ActivationKind.Mish,
            "hard_silu" or "hard_swish" => ActivationKind.HardSwish,
            "hard_tanh" => ActivationKind.Clip,
            "relu6" => new ActivationSpec(ActivationKind.Clip, 0, 6),
            _ => throw layer.Fail(
                $"has the activation {ModelFormatException.Quote(name)}, expected linear, tanh, sigmoid, relu, elu, softplus, softsign, "
                + "leaky_relu, hard_sigmoid, silu, gelu, exponential, selu, celu, mish, hard_silu, hard_tanh, relu6, softmax or "
                + "log_softmax"),
        }),
    };

    private ActivationSpec HardSigmoid(KerasLayer layer) => version switch
    {
        2 => new(ActivationKind.HardSigmoid, 0.2, 0.5),
        3 => new(ActivationKind.HardSigmoid, 1.0 / 6, 0.5),
        _ => throw layer.Fail("has a hard_sigmoid, which differs between versions of Keras, expected the metadata entry 'keras_version'"),
    };

    private static ActivationLayer[] OfLayer(KerasLayer layer, int lastAxis)
    {
        switch (layer.Type)
        {
            case "ReLU":
                return [.. Relu(layer).Select(function => new ActivationLayer(function))];
            case "LeakyReLU":
                double slope = layer.Number("negative_slope") ?? layer.Number("alpha") ?? LayerSlope;
                return [new(new ActivationSpec(ActivationKind.LeakyRelu, slope, 0))];
            case "ELU":
                return [new(new ActivationSpec(ActivationKind.Elu, layer.Number("alpha") ?? 1, 0))];
            case "ThresholdedReLU":
                return [new(new ActivationSpec(ActivationKind.ThresholdedRelu, layer.Number("theta") ?? 1, 0))];
            case "Rescaling":
                return [new(new ActivationSpec(ActivationKind.Affine, layer.Number("scale") ?? 1, layer.Number("offset") ?? 0))];
            case "Softmax":
                layer.CheckAxis(lastAxis);
                return [Normalized(Normalization.Softmax)];
            default:
                throw layer.Fail("is not a supported activation, expected ReLU, LeakyReLU, ELU, ThresholdedReLU or Softmax");
        }
    }

    private static ActivationLayer Normalized(Normalization normalization) =>
        new(ActivationKind.Identity) { Normalization = normalization };

    // x above the threshold, else slope · (x − threshold), cut at a limit.
    private static IEnumerable<ActivationSpec> Relu(KerasLayer layer)
    {
        double slope = layer.Number("negative_slope") ?? 0;
        double threshold = layer.Number("threshold") ?? 0;
        double? limit = layer.Number("max_value");
        if (slope != 0 && threshold != 0)
        {
            throw layer.Fail("has 'negative_slope' and 'threshold', expected at most one of them");
        }

        if (slope != 0)
        {
            yield return new(ActivationKind.LeakyRelu, slope, 0);
        }
        else if (threshold != 0)
        {
            yield return new(ActivationKind.ThresholdedRelu, threshold, 0);
        }
        else if (limit is null)
        {
            yield return ActivationKind.Relu;
        }

        if (limit is { } most)
        {
            yield return new(ActivationKind.Clip, slope == 0 ? 0 : -float.MaxValue, most);
        }
    }
}
