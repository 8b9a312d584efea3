using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Json;

/// <summary>
/// A network as a JSON object, such as {"input":2,"layers":[{"cell":"lstm","hidden":32}],"head":{"outputs":1,"position":"last_step"}}. A
/// member with its default value is not written, so equal networks have the same text.
/// </summary>
internal static class NetworkJson
{
    // The name of a dense layer where recurrent ones have their cell. In a file its activation is tanh unless it says otherwise.
    private const string Dense = "dense";

    // The kind of a layer that is neither recurrent nor dense.
    private const string Kind = "kind";

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>Writes a network as text.</summary>
    public static string Write(NetworkSpec spec)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            WriteUnless(json, "symbols", spec.Embedding?.Symbols ?? 0, 0);
            json.WriteNumber("input", spec.InputSize);
            json.WriteStartArray("layers");
            foreach (LayerSpec layer in spec.Layers)
            {
                Write(json, layer);
            }

            json.WriteEndArray();
            if (spec.Head is { } head)
            {
                json.WriteStartObject("head");
                json.WriteNumber("outputs", head.OutputSize);
                json.WriteString("position", NameOf(head.Position));
                WriteUnless(json, "bias", head.Bias, true);
                WriteUnless(json, "activation", head.Activation, ActivationKind.Identity);
                WriteUnless(json, "skip", head.Skip, 0);
                if (head.Normalization != Normalization.None)
                {
                    json.WriteString("normalisation", NameOf(head.Normalization));
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Reads the network from a text.</summary>
    /// <param name="text">From a file.</param>
    /// <param name="file">The file as messages call it.</param>
    /// <exception cref="ModelFormatException">The text describes no network.</exception>
    public static NetworkSpec Read(string text, string file)
    {
        string problem = "is";
        try
        {
            using var document = JsonDocument.Parse(text, _strict);
            return Spec(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // Any of these comes from JSON of another shape.
        }
        catch (ArgumentException e)
        {
            // The sizes or variants contradict each other; the message says how.
            problem = $"is not consistent ({e.Message}):";
        }

        throw new ModelFormatException(
            file, $"the network {problem} {ModelFormatException.Quote(text)}, expected a description such as " + Example);
    }

    private const string Example = """{"input":2,"layers":[{"cell":"lstm","hidden":32}],"head":{"outputs":1,"position":"last_step"}}.""";

    private static void Write(Utf8JsonWriter json, LayerSpec layer)
    {
        json.WriteStartObject();
        switch (layer)
        {
            case RecurrentLayer recurrent:
                Write(json, recurrent);
                break;
            case DenseLayer dense:
                json.WriteString("cell", Dense);
                json.WriteNumber("hidden", dense.OutputSize);
                WriteUnless(json, "bias", dense.Bias, true);
                WriteUnless(json, "activation", dense.Activation, ActivationKind.Tanh);
                break;
            case AffineLayer affine:
                json.WriteString(Kind, "affine");
                WriteUnless(json, "scale", affine.Scale, true);
                WriteUnless(json, "shift", affine.Shift, true);
                break;
            case NormalizationLayer normalization:
                json.WriteString(Kind, "normalisation");
                json.WriteString("by", NameOf(normalization.Kind));
                json.WriteNumber("epsilon", normalization.Epsilon);
                WriteUnless(json, "scale", normalization.Scale, true);
                WriteUnless(json, "shift", normalization.Shift, true);
                break;
            case ActivationLayer activation:
                json.WriteString(Kind, "activation");
                Write(json, "activation", activation.Activation);
                if (activation.Normalization != Normalization.None)
                {
                    json.WriteString("normalisation", NameOf(activation.Normalization));
                }

                break;
            case PReluLayer:
                json.WriteString(Kind, "prelu");
                break;
            case MergeLayer merge:
                json.WriteString(Kind, "merge");
                json.WriteString("by", NameOf(merge.Merge));
                break;
            default:
                throw new UnreachableException();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RecurrentLayer layer)
    {
        var plain = new RecurrentLayer(layer.Cell, layer.HiddenSize);
        json.WriteString("cell", NameOf(layer.Cell));
        json.WriteNumber("hidden", layer.HiddenSize);
        WriteUnless(json, "bidirectional", layer.Bidirectional, plain.Bidirectional);
        WriteUnless(json, "reverse", layer.Reverse, plain.Reverse);
        WriteUnless(json, "bias", layer.Bias, plain.Bias);
        WriteUnless(json, "projection", layer.ProjectionSize, plain.ProjectionSize);
        WriteUnless(json, "activation", layer.Activation, plain.Activation);
        WriteUnless(json, "gate_activation", layer.GateActivation, plain.GateActivation);
        WriteUnless(json, "output_activation", layer.OutputActivation, plain.OutputActivation);
        if (layer.ReverseActivations is { } reverse)
        {
            json.WriteStartArray("reverse_activations");
            Write(json, reverse.Activation);
            Write(json, reverse.GateActivation);
            Write(json, reverse.OutputActivation);
            json.WriteEndArray();
        }

        WriteUnless(json, "peepholes", layer.Peepholes, plain.Peepholes);
        WriteUnless(json, "coupled_gates", layer.CoupledGates, plain.CoupledGates);
        if (layer.Clip != plain.Clip)
        {
            json.WriteNumber("clip", layer.Clip);
        }

        WriteUnless(json, "initial_state", layer.TrainableInitialState, plain.TrainableInitialState);
    }

    private static void WriteUnless(Utf8JsonWriter json, string name, int value, int otherwise)
    {
        if (value != otherwise)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void WriteUnless(Utf8JsonWriter json, string name, bool value, bool otherwise)
    {
        if (value != otherwise)
        {
            json.WriteBoolean(name, value);
        }
    }

    private static void WriteUnless(Utf8JsonWriter json, string name, ActivationSpec value, ActivationSpec otherwise)
    {
        if (value != otherwise)
        {
            Write(json, name, value);
        }
    }

    /// <summary>Writes an activation as an array of its name, α and β.</summary>
    public static void Write(Utf8JsonWriter json, string name, ActivationSpec value)
    {
        json.WritePropertyName(name);
        Write(json, value);
    }

    private static void Write(Utf8JsonWriter json, ActivationSpec value)
    {
        json.WriteStartArray();
        json.WriteStringValue(NameOf(value.Kind));
        json.WriteNumberValue(value.Alpha);
        json.WriteNumberValue(value.Beta);
        json.WriteEndArray();
    }

    private static NetworkSpec Spec(JsonElement root)
    {
        int symbols = 0;
        int input = 0;
        List<LayerSpec> layers = [];
        HeadSpec? head = null;
        foreach (JsonProperty member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "symbols":
                    symbols = member.Value.GetInt32();
                    break;
                case "input":
                    input = member.Value.GetInt32();
                    break;
                case "layers" when member.Value.GetArrayLength() <= NetworkBuilder.MostLayers:
                    layers.AddRange(member.Value.EnumerateArray().Select(Layer));
                    break;
                case "head":
                    head = Head(member.Value);
                    break;
                default:
                    throw new FormatException();
            }
        }

        return symbols == 0
            ? new NetworkSpec(input, [.. layers], head)
            : new NetworkSpec(new EmbeddingSpec(symbols, input), [.. layers], head);
    }

    private static LayerSpec Layer(JsonElement element)
    {
        if (!element.TryGetProperty(Kind, out JsonElement kind))
        {
            return element.GetProperty("cell").ValueEquals(Dense) ? DenseOf(element) : RecurrentOf(element);
        }

        return kind.GetString() switch
        {
            "affine" => Members(element, new AffineLayer(), (layer, name, value) => name switch
            {
                "scale" => layer with { Scale = value.GetBoolean() },
                "shift" => layer with { Shift = value.GetBoolean() },
                _ => throw new FormatException(),
            }),
            "normalisation" => Members(element, new NormalizationLayer(default), (layer, name, value) => name switch
            {
                "by" => layer with { Kind = Value<FeatureNormalization>(value) },
                "epsilon" => layer with { Epsilon = value.GetDouble() },
                "scale" => layer with { Scale = value.GetBoolean() },
                "shift" => layer with { Shift = value.GetBoolean() },
                _ => throw new FormatException(),
            }),
            "activation" => Members(element, new ActivationLayer(default(ActivationSpec)), (layer, name, value) => name switch
            {
                "activation" => layer with { Activation = Activation(value) },
                "normalisation" => layer with { Normalization = Value<Normalization>(value) },
                _ => throw new FormatException(),
            }),
            "prelu" => Members(element, new PReluLayer(), (_, _, _) => throw new FormatException()),
            "merge" => Members(element, new MergeLayer(default), (layer, name, value) => name switch
            {
                "by" => layer with { Merge = Value<DirectionMerge>(value) },
                _ => throw new FormatException(),
            }),
            _ => throw new FormatException(),
        };
    }

    // Reads all members of a layer but its kind.
    private static TLayer Members<TLayer>(JsonElement element, TLayer layer, Func<TLayer, string, JsonElement, TLayer> read)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            layer = member.Name == Kind ? layer : read(layer, member.Name, member.Value);
        }

        return layer;
    }

    private static DenseLayer DenseOf(JsonElement element)
    {
        var layer = new DenseLayer(element.GetProperty("hidden").GetInt32()) { Activation = ActivationKind.Tanh };
        foreach (JsonProperty member in element.EnumerateObject())
        {
            layer = member.Name switch
            {
                "cell" or "hidden" => layer,
                "bias" => layer with { Bias = member.Value.GetBoolean() },
                "activation" => layer with { Activation = Activation(member.Value) },
                _ => throw new FormatException(),
            };
        }

        return layer;
    }

    private static RecurrentLayer RecurrentOf(JsonElement element)
    {
        var layer = new RecurrentLayer(Value<CellKind>(element.GetProperty("cell")), element.GetProperty("hidden").GetInt32());
        foreach (JsonProperty member in element.EnumerateObject())
        {
            JsonElement value = member.Value;
            layer = member.Name switch
            {
                "cell" or "hidden" => layer,
                "bidirectional" => layer with { Bidirectional = value.GetBoolean() },
                "reverse" => layer with { Reverse = value.GetBoolean() },
                "bias" => layer with { Bias = value.GetBoolean() },
                "projection" => layer with { ProjectionSize = value.GetInt32() },
                "activation" => layer with { Activation = Activation(value) },
                "gate_activation" => layer with { GateActivation = Activation(value) },
                "output_activation" => layer with { OutputActivation = Activation(value) },
                "reverse_activations" => layer with { ReverseActivations = Activations(value) },
                "peepholes" => layer with { Peepholes = value.GetBoolean() },
                "coupled_gates" => layer with { CoupledGates = value.GetBoolean() },
                "clip" => layer with { Clip = value.GetDouble() },
                "initial_state" => layer with { TrainableInitialState = value.GetBoolean() },
                _ => throw new FormatException(),
            };
        }

        return layer;
    }

    private static HeadSpec Head(JsonElement element)
    {
        var head = new HeadSpec(element.GetProperty("outputs").GetInt32(), Value<HeadPosition>(element.GetProperty("position")));
        foreach (JsonProperty member in element.EnumerateObject())
        {
            head = member.Name switch
            {
                "outputs" or "position" => head,
                "bias" => head with { Bias = member.Value.GetBoolean() },
                "activation" => head with { Activation = Activation(member.Value) },
                "skip" => head with { Skip = member.Value.GetInt32() },
                "normalisation" => head with { Normalization = Value<Normalization>(member.Value) },
                _ => throw new FormatException(),
            };
        }

        return head;
    }

    /// <summary>Reads an activation that <see cref="Write(Utf8JsonWriter, string, ActivationSpec)"/> wrote.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static ActivationSpec Activation(JsonElement element) => element.GetArrayLength() == 3
        ? new ActivationSpec(Value<ActivationKind>(element[0]), element[1].GetDouble(), element[2].GetDouble())
        : throw new FormatException();

    private static LayerActivations Activations(JsonElement element) => element.GetArrayLength() == 3
        ? new LayerActivations(Activation(element[0]), Activation(element[1]), Activation(element[2]))
        : throw new FormatException();

    private static TEnum Value<TEnum>(JsonElement element)
        where TEnum : struct, Enum
    {
        string? name = element.GetString();
        foreach (TEnum value in Enum.GetValues<TEnum>())
        {
            if (NameOf(value) == name)
            {
                return value;
            }
        }

        throw new FormatException();
    }

    /// <summary>Name in JSON: HardSigmoid → hard_sigmoid.</summary>
    private static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum
    {
        var name = new StringBuilder();
        foreach (char letter in value.ToString())
        {
            name.Append(char.IsUpper(letter) && name.Length > 0 ? "_" : string.Empty);
            name.Append(char.ToLower(letter, CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }
}
