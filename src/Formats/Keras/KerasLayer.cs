using System.Text.Json;
using SpanRnn.Formats.Json;

namespace SpanRnn.Formats.Keras;

/// <summary>A layer in the JSON of a Keras model.</summary>
/// <param name="Name">Its name, which is the prefix of its arrays.</param>
/// <param name="Type">Its class.</param>
/// <param name="Config">The result of get_config().</param>
/// <param name="Reads">The layers that it reads, none for an input; null for the layer before it, in a Sequential.</param>
internal readonly record struct KerasLayer(string Name, string Type, JsonPart Config, IReadOnlyList<string>? Reads = null)
{
    /// <summary>The class of a node that compares symbols with 0: Keras 3 computes the mask of an embedding beside the chain.</summary>
    public const string Mask = "NotEqual";

    /// <summary>The layer as messages call it.</summary>
    public string Title => $"layer {ModelFormatException.Quote(Name)} ({ModelFormatException.Quote(Type)[1..^1]})";

    /// <summary>Reads a layer from {"class_name","config"}.</summary>
    public static KerasLayer Of(JsonPart part)
    {
        JsonPart config = part.Get("config");
        return new(config.Get("name").Text(), part.Get("class_name").Text(), config);
    }

    /// <summary>Reads the layers of a model, from the first to the last.</summary>
    public static IEnumerable<KerasLayer> All(JsonPart model)
    {
        JsonPart type = model.Get("class_name");
        JsonPart config = model.Get("config");
        return type.Text() switch
        {
            // In the first versions of Keras 2, the config of a Sequential is the list of its layers.
            "Sequential" => (config.Kind == JsonValueKind.Array ? config : config.Get("layers")).Items.Select(Of),
            "Functional" or "Model" => config.Get("layers").Items.Select(part => Of(part).Called(part.Get("inbound_nodes"))),
            _ => throw type.Wrong("'Sequential' or 'Functional'"),
        };
    }

    /// <summary>Finds the layer whose output is the output of a Functional model; null for another kind of model.</summary>
    public static string? OutputOf(JsonPart model)
    {
        if (model.Get("config").Find("output_layers") is not { } outputs)
        {
            return null;
        }

        JsonPart? first = outputs.Count() > 0 ? outputs.Items.First() : null;

        // [["dense", 0, 0]], or ["dense", 0, 0] in Keras 3.
        return first is not { } named ? throw outputs.Fail("names no layer, expected one")
            : named.Kind != JsonValueKind.Array ? named.Text()
            : outputs.Count() == 1 && named.Count() > 0 ? named.Items.First().Text()
            : throw outputs.Fail("names several layers, expected only the last layer");
    }

    /// <summary>Makes an error in this layer.</summary>
    public ModelFormatException Fail(string problem) => new(Config.File, $"{Title} {problem}.");

    /// <summary>Reads a number of the config; null if there is none.</summary>
    public double? Number(string name) => Config.Find(name) is not { } value ? null

        // Keras 2.13 and later have some numbers as {"class_name":"__numpy__","config":{"value":0.1}}.
        : value.Kind == JsonValueKind.Object ? value.Get("config").Get("value").Number()
        : value.Number();

    /// <summary>Reads true or false of the config; <paramref name="otherwise"/> if it is not there.</summary>
    public bool Flag(string name, bool otherwise) => Config.Find(name)?.Flag() ?? otherwise;

    /// <summary>Refuses a layer that works on another axis than the features.</summary>
    /// <param name="last">Index of the axis of the features: 2, or 1 where sequences have one row.</param>
    public void CheckAxis(int last)
    {
        if (Config.Find("axis") is not { } axis)
        {
            return;
        }

        JsonPart? one = axis.Kind != JsonValueKind.Array ? axis : axis.Count() == 1 ? axis.Items.First() : null;
        if (one is not { Kind: JsonValueKind.Number } number || (number.Number() != -1 && number.Number() != last))
        {
            throw Fail($"has the axis {ModelFormatException.Quote(axis.Shown())}, expected -1, the features");
        }
    }

    /// <summary>Reads what goes into the layer from its "inbound_nodes".</summary>
    private KerasLayer Called(JsonPart nodes)
    {
        int calls = nodes.Count();
        if (calls == 0)
        {
            return Type == "InputLayer" ? this with { Reads = [] } : throw Fail("is never called, expected once");
        }

        JsonPart call = nodes.Items.First();
        return calls > 1 ? throw Fail($"is called {calls} times, expected once: its weights are shared")
            : Type == Mask ? this
            : this with { Reads = [.. call.Kind == JsonValueKind.Object ? Keras3(call) : Keras2(call)] };
    }

    // [["lstm", 0, 0, {}]], an array for each tensor. An operation of TensorFlow has its first tensor without the outer array.
    private IEnumerable<string> Keras2(JsonPart call)
    {
        foreach (JsonPart tensor in call.Items)
        {
            if (tensor.Kind != JsonValueKind.Array || tensor.Count() is not (3 or 4))
            {
                throw Fail("is an operation without weights, expected a layer of Keras such as Add, which reads tensors by their indices");
            }

            foreach (JsonPart arguments in tensor.Items.Skip(3))
            {
                CheckArguments(arguments);
            }

            yield return tensor.Items.First().Text();
        }
    }

    // {"args":[TENSOR],"kwargs":{"training":false}}; the layer Add has [[TENSOR, TENSOR]], x + y has [TENSOR, TENSOR].
    private IEnumerable<string> Keras3(JsonPart call)
    {
        CheckArguments(call.Get("kwargs"));
        foreach (JsonPart argument in call.Get("args").Items)
        {
            foreach (JsonPart tensor in argument.Kind == JsonValueKind.Array ? argument.Items : [argument])
            {
                yield return tensor.Find("config")?.Find("keras_history") is { } history && history.Count() > 0
                    ? history.Items.First().Text()
                    : throw Fail("reads something that is not the tensor of a layer, expected one");
            }
        }
    }

    /// <summary>
    /// Refuses other tensors that go in, such as initial states. A mask is allowed: it says the same as the lengths of the sequences.
    /// </summary>
    private void CheckArguments(JsonPart arguments)
    {
        foreach (JsonPart argument in arguments.Members)
        {
            if (argument.Name != "mask" && argument.Kind is JsonValueKind.Array or JsonValueKind.Object)
            {
                throw Fail($"is called with {ModelFormatException.Quote(argument.Name)}, expected only its input");
            }
        }
    }
}
