using System.Text.Json;

namespace SpanRnn.Formats;

/// <summary>A layer of a model of Keras as its JSON has it.</summary>
/// <param name="Name">Its name, under which its arrays stand.</param>
/// <param name="Type">Its class.</param>
/// <param name="Config">What get_config() gave.</param>
internal readonly record struct KerasLayer(string Name, string Type, JsonPart Config)
{
    /// <summary>What messages call it.</summary>
    public string Title => $"layer {ModelFormatException.Quote(Name)} ({ModelFormatException.Quote(Type)[1..^1]})";

    /// <summary>The layer of {"class_name","config"}.</summary>
    public static KerasLayer Of(JsonPart part)
    {
        JsonPart config = part.Get("config");
        return new(config.Get("name").Text(), part.Get("class_name").Text(), config);
    }

    /// <summary>The layers of a model, the first one first.</summary>
    public static IEnumerable<KerasLayer> Chain(JsonPart model)
    {
        JsonPart type = model.Get("class_name");
        JsonPart config = model.Get("config");
        return type.Text() switch
        {
            // The first versions of Keras 2 have the layers of a Sequential as its config.
            "Sequential" => (config.Kind == JsonValueKind.Array ? config : config.Get("layers")).Items.Select(Of),
            "Functional" or "Model" => Functional(config),
            _ => throw type.Wrong("'Sequential' or 'Functional'"),
        };
    }

    /// <summary>An error in this layer.</summary>
    public ModelFormatException Fail(string problem) => new(Config.File, $"{Title} {problem}.");

    /// <summary>The layers of a graph in which each reads the one before it alone.</summary>
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
                $"names {ModelFormatException.Quote(last ?? "several")}, expected the last layer alone, "
                + ModelFormatException.Quote(before ?? "none"));
        }
    }

    /// <summary>The layer that this one reads, or null for an input.</summary>
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
            : throw Fail("reads something that is no tensor of a layer, expected one");
    }

    /// <summary>Other tensors that go in, such as initial states; a mask says what the lengths of sequences say.</summary>
    private void CheckArguments(JsonPart arguments)
    {
        foreach (JsonPart argument in arguments.Members)
        {
            if (argument.Name != "mask" && argument.Kind is JsonValueKind.Array or JsonValueKind.Object)
            {
                throw Fail($"is called with {ModelFormatException.Quote(argument.Name)}, expected its input alone");
            }
        }
    }
}
