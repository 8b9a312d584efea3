using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Json;

/// <summary>
/// A network as a JSON object, such as {"input":2,"layers":[{"cell":"lstm","hidden":32},{"kind":"pool","by":"mean"}]}. A member with its
/// default value is not written, so equal networks have the same text.
/// </summary>
/// <remarks>Texts of before have the dense layer on top, its readout and what follows it as a member "head". They are still read.</remarks>
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
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            // The sizes or variants contradict each other, or are too large; the message says how.
            problem = $"is not consistent ({ModelFormatException.Sentence(e).TrimEnd('.')}):";
        }

        throw new ModelFormatException(
            file, $"the network {problem} {ModelFormatException.Quote(text)}, expected a description such as " + Example);
    }

    private const string Example =
        """{"input":2,"layers":[{"cell":"lstm","hidden":32},{"kind":"final_state"},{"cell":"dense","hidden":1}]}.""";

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
            case PoolLayer pool:
                json.WriteString(Kind, "pool");
                json.WriteString("by", NameOf(pool.Kind));
                break;
            case StepLayer step:
                json.WriteString(Kind, "step");
                json.WriteNumber("step", step.Step);
                break;
            case AttentionLayer:
                json.WriteString(Kind, "attention");
                break;
            case FinalStateLayer final:
                json.WriteString(Kind, "final_state");
                WriteUnless(json, "all_layers", final.AllLayers, false);
                WriteUnless(json, "cells", final.Cells, false);
                break;
            case SkipLayer skip:
                json.WriteString(Kind, "skip");
                json.WriteNumber("from", skip.From);
                if (skip.Scale != SkipScale.None)
                {
                    json.WriteString("scale", NameOf(skip.Scale));
                }

                WriteUnless(json, "features", skip.Features, 0);
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
        JsonElement? head = null;
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
                    head = member.Value;
                    break;
                default:
                    throw new FormatException();
            }
        }

        if (head is { } element)
        {
            AddHead(layers, element);
        }

        return symbols == 0 ? new NetworkSpec(input, [.. layers]) : new NetworkSpec(new EmbeddingSpec(symbols, input), [.. layers]);
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
            "normalisation" => Members(
                element,
                new NormalizationLayer(By<FeatureNormalization>(element)),
                (layer, name, value) => name switch
                {
                    "by" => layer,
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
            "merge" => Members(element, new MergeLayer(By<DirectionMerge>(element)), (layer, name, _) => Only("by", name, layer)),
            "pool" => Members(element, new PoolLayer(By<Pooling>(element)), (layer, name, _) => Only("by", name, layer)),
            "step" => Members(element, new StepLayer(Whole(element, "step")), (layer, name, _) => Only("step", name, layer)),
            "attention" => Members(element, new AttentionLayer(), (_, _, _) => throw new FormatException()),
            "final_state" => Members(element, new FinalStateLayer(), (layer, name, value) => name switch
            {
                "all_layers" => layer with { AllLayers = value.GetBoolean() },
                "cells" => layer with { Cells = value.GetBoolean() },
                _ => throw new FormatException(),
            }),
            "skip" => Members(element, new SkipLayer(Whole(element, "from")), (layer, name, value) => name switch
            {
                "from" => layer,
                "scale" => layer with { Scale = Value<SkipScale>(value) },
                "features" => layer with { Features = value.GetInt32() },
                _ => throw new FormatException(),
            }),
            _ => throw new FormatException(),
        };
    }

    // A member that a layer of the kind must have.
    private static TEnum By<TEnum>(JsonElement element)
        where TEnum : struct, Enum => Value<TEnum>(element.GetProperty("by"));

    private static int Whole(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    // A layer whose only member is read already.
    private static TLayer Only<TLayer>(string known, string name, TLayer layer) => name == known ? layer : throw new FormatException();

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

    // A dense layer, then softmax, then the sum with the input. Dense layers below it have one row per sequence if it has.
    private static void AddHead(List<LayerSpec> layers, JsonElement element)
    {
        var head = new DenseLayer(Whole(element, "outputs"));
        Normalization normalization = Normalization.None;
        int skip = 0;
        LayerSpec? readout = Readout.TryParse(element.GetProperty("position").GetString() ?? string.Empty, out LayerSpec? found)
            ? found
            : throw new FormatException();
        foreach (JsonProperty member in element.EnumerateObject())
        {
            switch (member.Name)
            {
                case "outputs" or "position":
                    break;
                case "bias":
                    head = head with { Bias = member.Value.GetBoolean() };
                    break;
                case "activation":
                    head = head with { Activation = Activation(member.Value) };
                    break;
                case "skip":
                    skip = member.Value.GetInt32();
                    break;
                case "normalisation":
                    normalization = Value<Normalization>(member.Value);
                    break;
                default:
                    throw new FormatException();
            }
        }

        if (readout is not null)
        {
            int place = Readout.PlaceIn(layers);
            layers.Insert(place, place > 0 ? Readout.Preferred(readout, layers[place - 1]) : throw new FormatException());
        }

        layers.Add(head);
        if (normalization != Normalization.None)
        {
            layers.Add(new ActivationLayer(ActivationKind.Identity) { Normalization = normalization });
        }

        if (skip != 0)
        {
            layers.Add(new SkipLayer(0) { Features = skip });
        }
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
