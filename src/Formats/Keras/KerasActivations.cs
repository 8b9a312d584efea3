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
        return Of(layer, part) is (var function, Normalization.None)
            ? function
            : throw layer.Fail($"has '{name}' = {ModelFormatException.Quote(part.Shown())}, expected a function of one number");
    }

    /// <summary>Reads the function of a layer: the activation in the config of a Dense or Activation, or the layer itself.</summary>
    public (ActivationSpec Function, Normalization Normalization) Of(KerasLayer layer) => layer.Type switch
    {
        "Dense" or "Activation" => layer.Config.Find("activation") is { } part
            ? Of(layer, part)
            : (ActivationKind.Identity, Normalization.None),
        _ => OfLayer(layer),
    };

    private (ActivationSpec Function, Normalization Normalization) Of(KerasLayer layer, JsonPart part)
    {
        if (part.Kind != JsonValueKind.Object)
        {
            return Named(layer, part.Text());
        }

        // The config of a function is its name; the config of a layer is its settings.
        JsonPart config = part.Get("config");
        string type = part.Get("class_name").Text();
        return config.Kind == JsonValueKind.String ? Named(layer, config.Text()) : OfLayer(new(layer.Name, type, config));
    }

    private (ActivationSpec Function, Normalization Normalization) Named(KerasLayer layer, string name) => name switch
    {
        "linear" => (ActivationKind.Identity, Normalization.None),
        "tanh" => (ActivationKind.Tanh, Normalization.None),
        "sigmoid" => (ActivationKind.Sigmoid, Normalization.None),
        "relu" => (ActivationKind.Relu, Normalization.None),
        "elu" => (ActivationKind.Elu, Normalization.None),
        "softplus" => (ActivationKind.Softplus, Normalization.None),
        "softsign" => (ActivationKind.Softsign, Normalization.None),
        "leaky_relu" => (new(ActivationKind.LeakyRelu, NamedSlope, 0), Normalization.None),
        "hard_sigmoid" => (HardSigmoid(layer), Normalization.None),
        "softmax" => (ActivationKind.Identity, Normalization.Softmax),
        "log_softmax" => (ActivationKind.Identity, Normalization.LogSoftmax),
        _ => throw layer.Fail(
            $"has the activation {ModelFormatException.Quote(name)}, expected linear, tanh, sigmoid, relu, elu, softplus, softsign, "
            + "leaky_relu, hard_sigmoid, softmax or log_softmax"),
    };

    private ActivationSpec HardSigmoid(KerasLayer layer) => version switch
    {
        2 => new(ActivationKind.HardSigmoid, 0.2, 0.5),
        3 => new(ActivationKind.HardSigmoid, 1.0 / 6, 0.5),
        _ => throw layer.Fail("has a hard_sigmoid, which differs between versions of Keras, expected the metadata entry 'keras_version'"),
    };

    private static (ActivationSpec Function, Normalization Normalization) OfLayer(KerasLayer layer)
    {
        JsonPart config = layer.Config;
        switch (layer.Type)
        {
            case "ReLU":
                return (Relu(layer), Normalization.None);
            case "LeakyReLU":
                double slope = Number(config.Find("negative_slope") ?? config.Find("alpha")) ?? LayerSlope;
                return (new(ActivationKind.LeakyRelu, slope, 0), Normalization.None);
            case "ELU":
                return (new(ActivationKind.Elu, Number(config.Find("alpha")) ?? 1, 0), Normalization.None);
            case "Softmax":
                return config.Find("axis") is not { } axis || axis is { Kind: JsonValueKind.Number } && axis.Number() is -1 or 2
                    ? (ActivationKind.Identity, Normalization.Softmax)
                    : throw layer.Fail($"has the axis {ModelFormatException.Quote(axis.Shown())}, expected -1, the last one");
            default:
                throw layer.Fail("is not a supported activation, expected ReLU, LeakyReLU, ELU or Softmax");
        }
    }

    // x above the threshold, else slope · (x − threshold), cut at a limit.
    private static ActivationSpec Relu(KerasLayer layer)
    {
        double slope = Number(layer.Config.Find("negative_slope")) ?? 0;
        double threshold = Number(layer.Config.Find("threshold")) ?? 0;
        if (layer.Config.Find("max_value") is { } limit)
        {
            throw layer.Fail($"has 'max_value' = {ModelFormatException.Quote(limit.Shown())}, expected no limit");
        }

        return (slope, threshold) switch
        {
            (0, 0) => ActivationKind.Relu,
            (_, 0) => new ActivationSpec(ActivationKind.LeakyRelu, slope, 0),
            (0, _) => new ActivationSpec(ActivationKind.ThresholdedRelu, threshold, 0),
            _ => throw layer.Fail("has 'negative_slope' and 'threshold', expected at most one of them"),
        };
    }

    // Keras 2.13 and later have some numbers as {"class_name":"__numpy__","config":{"value":0.1}}.
    private static double? Number(JsonPart? part) => part is not { } value ? null
        : value.Kind == JsonValueKind.Object ? value.Get("config").Get("value").Number()
        : value.Number();
}
