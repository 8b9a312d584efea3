using System.Text.Json;
using SpanRnn.Formats.Json;

namespace SpanRnn.Formats.Keras;

/// <summary>A layer in the JSON of a Keras model.</summary>
/// <param name="Name">Its name, which is the prefix of its arrays.</param>
/// <param name="Type">Its class.</param>
/// <param name="Config">The result of get_config().</param>
internal readonly record struct KerasLayer(string Name, string Type, JsonPart Config)
{
    /// <summary>The layer as messages call it.</summary>
    public string Title => $"layer {ModelFormatException.Quote(Name)} ({ModelFormatException.Quote(Type)[1..^1]})";

    /// <summary>Reads a layer from {"class_name","config"}.</summary>
    public static KerasLayer Of(JsonPart part)
    {
        JsonPart config = part.Get("config");
        return new(config.Get("name").Text(), part.Get("class_name").Text(), config);
    }

    /// <summary>Reads the layers of a model, from the first to the last.</summary>
    public static IEnumerable<KerasLayer> Chain(JsonPart model)
    {
        JsonPart type = model.Get("class_name");
        JsonPart config = model.Get("config");
        return type.Text() switch
        {
            // In the first versions of Keras 2, the config of a Sequential is the list of its layers.
            "Sequential" => (config.Kind == JsonValueKind.Array ? config : config.Get("layers")).Items.Select(Of),
            "Functional" or "Model" => Functional(config),
            _ => throw type.Wrong("'Sequential' or 'Functional'"),
        };
    }

    /// <summary>Makes an error in this layer.</summary>
    public ModelFormatException Fail(string problem) => new(Config.File, $"{Title} {problem}.");

    /// <summary>Reads the layers of a graph in which each layer reads only the one before it.</summary>
    private static IEnumerable<KerasLayer> Functional(JsonPart config)
    {
        string? before = null;
        foreach (JsonPart part in config.Get("layers").Items)
        {
            KerasLayer layer = Of(part);
            string? read = layer.Reads(part.Get("inbound_nodes"));

            // Keras 3 computes the mask of an embedding beside the chain.
            if (layer.Type == "NotEqual")
            {
                continue;
            }

            if (read != before)
            {
                throw layer.Fail(read is null
                    ? "is a second input, expected one chain of layers"
                    : $"reads {ModelFormatException.Quote(read)}, expected the layer before it, "
                        + $"{ModelFormatException.Quote(before ?? "none")}");
            }

            before = layer.Name;
            yield return layer;
        }

        JsonPart outputs = config.Get("output_layers");
        JsonPart? first = outputs.Count() > 0 ? outputs.Items.First() : null;

        // [["dense", 0, 0]], or ["dense", 0, 0] in Keras 3.
        string? last = first is not { } named ? null
            : named.Kind != JsonValueKind.Array ? named.Text()
            : outputs.Count() == 1 && named.Count() > 0 ? named.Items.First().Text()
            : null;
        if (last is null || last != before)
        {
            throw outputs.Fail(
                $"names {ModelFormatException.Quote(last ?? "several")}, expected only the last layer, "
                + ModelFormatException.Quote(before ?? "none"));
        }
    }

    /// <summary>Finds the layer that this one reads; null for an input.</summary>
    private string? Reads(JsonPart nodes)
    {
        int calls = nodes.Count();
        if (calls == 0)
        {
            return Type == "InputLayer" ? null : throw Fail("is never called, expected once");
        }

        JsonPart call = nodes.Items.First();
        return calls > 1 ? throw Fail($"is called {calls} times, expected once: its weights are shared")
            : call.Kind == JsonValueKind.Object ? Keras3(call)
            : Keras2(call);
    }

    // [["lstm", 0, 0, {}]].
    private string Keras2(JsonPart call)
    {
        int tensors = call.Count();
        JsonPart? tensor = tensors == 1 ? call.Items.First() : null;
        if (tensor is not { } one || one.Count() is not (3 or 4))
        {
            throw Fail($"reads {tensors} tensors, expected one with its indices");
        }

        foreach (JsonPart arguments in one.Items.Skip(3))
        {
            CheckArguments(arguments);
        }

        return one.Items.First().Text();
    }

    // {"args":[{"class_name":"__keras_tensor__","config":{"keras_history":["lstm",0,0]}}],"kwargs":{"training":false}}.
    private string Keras3(JsonPart call)
    {
        JsonPart arguments = call.Get("args");
        int count = arguments.Count();
        if (count == 0 || (Type != "NotEqual" && count != 1))
        {
            throw Fail($"reads {count} tensors, expected one");
        }

        CheckArguments(call.Get("kwargs"));
        return arguments.Items.First().Find("config")?.Find("keras_history") is { } history && history.Count() > 0
            ? history.Items.First().Text()
            : throw Fail("reads something that is not the tensor of a layer, expected one");
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
