using System.Text.Json;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// What neither names nor shapes tell. A file says it in the metadata entry "spanrnn", a JSON object such as
/// {"nonlinearity":"relu","head":"last_step"} that holds only what is not PyTorch's default; null here is that default.
/// </summary>
internal sealed record PyTorchOptions
{
    /// <summary>The key of the metadata entry.</summary>
    public const string MetadataName = "spanrnn";

    private const string NonlinearityName = "nonlinearity";
    private const string GruName = "gru";
    private const string HeadName = "head";

    private static readonly (string Name, Activation Value)[] _nonlinearities =
    [
        ("tanh", Activation.Tanh),
        ("relu", Activation.Relu),
        ("sigmoid", Activation.Sigmoid),
        ("identity", Activation.Identity),
        ("hard_step", Activation.HardStep),
    ];

    private static readonly (string Name, CellKind Value)[] _gruForms =
        [("reset_after", CellKind.GruResetAfter), ("reset_before", CellKind.GruResetBefore)];

    private static readonly (string Name, HeadPosition Value)[] _headPositions =
        [("every_step", HeadPosition.EveryStep), ("last_step", HeadPosition.LastStep)];

    /// <summary>The activation of an Elman layer; tanh by default.</summary>
    public Activation? Nonlinearity { get; private set; }

    /// <summary>Which GRU; reset-after by default.</summary>
    public CellKind? Gru { get; private set; }

    /// <summary>Where the head stands; on every step by default.</summary>
    public HeadPosition? Head { get; private set; }

    /// <summary>What the file says.</summary>
    public static PyTorchOptions Read(SafetensorsFile file)
    {
        var options = new PyTorchOptions();
        if (!file.Metadata.TryGetValue(MetadataName, out string? text))
        {
            return options;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Fail(file, $"is {ModelFormatException.Quote(text)}, expected a JSON object");
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                options.Set(file, property);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape such as \ud800 stands for half a character.
            throw Fail(file, $"is {ModelFormatException.Quote(text)}, expected a JSON object");
        }

        return options;
    }

    /// <summary>The entry for a network, or null where defaults describe it.</summary>
    public static string? Text(NetworkSpec spec)
    {
        LayerSpec layer = spec.Layers[0];
        List<string> members = [];
        if (layer.Activation.Kind != Activation.Tanh)
        {
            members.Add(Member(NonlinearityName, NameOf(layer.Activation.Kind)));
        }

        if (layer.Cell == CellKind.GruResetBefore)
        {
            members.Add(Member(GruName, NameOf(_gruForms, layer.Cell)));
        }

        if (spec.Head?.Position == HeadPosition.LastStep)
        {
            members.Add(Member(HeadName, NameOf(_headPositions, HeadPosition.LastStep)));
        }

        return members.Count == 0 ? null : $"{{{string.Join(',', members)}}}";
    }

    /// <summary>Whether an activation has a name here, and no numbers of its own.</summary>
    public static bool Has(ActivationSpec activation) => Array.Exists(_nonlinearities, entry => activation == entry.Value);

    /// <summary>The name of an activation in files and messages.</summary>
    public static string NameOf(Activation activation) => NameOf(_nonlinearities, activation);

    /// <summary>The name of a cell in messages.</summary>
    public static string NameOf(CellKind cell) => cell switch
    {
        CellKind.Elman => "an RNN",
        CellKind.Lstm => "an LSTM",
        _ => "a GRU",
    };

    /// <summary>Refuses what says something of a part that the network does not have.</summary>
    public void CheckUse(SafetensorsFile file, CellKind cell, bool hasHead)
    {
        if (Nonlinearity is not null && cell != CellKind.Elman)
        {
            throw Fail(file, $"has '{NonlinearityName}', expected none, since the shapes are those of {NameOf(cell)}");
        }

        if (Gru is not null && cell is not (CellKind.GruResetAfter or CellKind.GruResetBefore))
        {
            throw Fail(file, $"has '{GruName}', expected none, since the shapes are those of {NameOf(cell)}");
        }

        if (Head is not null && !hasHead)
        {
            throw Fail(file, $"has '{HeadName}', expected none, since there are no tensors of a head");
        }
    }

    private static string Member(string name, string value) => $"\"{name}\":\"{value}\"";

    private static string NameOf<TValue>((string Name, TValue Value)[] names, TValue value)
        where TValue : struct, Enum => Array.Find(names, entry => entry.Value.Equals(value)).Name;

    private static ModelFormatException Fail(SafetensorsFile file, string problem) =>
        new(file.Name, $"the metadata entry '{MetadataName}' {problem}.");

    private void Set(SafetensorsFile file, JsonProperty property)
    {
        switch (property.Name)
        {
            case NonlinearityName when Nonlinearity is null:
                Nonlinearity = Value(file, property, _nonlinearities);
                break;
            case GruName when Gru is null:
                Gru = Value(file, property, _gruForms);
                break;
            case HeadName when Head is null:
                Head = Value(file, property, _headPositions);
                break;
            default:
                throw Fail(
                    file,
                    $"has the member {ModelFormatException.Quote(property.Name)}, "
                    + $"expected {NonlinearityName}, {GruName} and {HeadName} at most once each");
        }
    }

    private static TValue Value<TValue>(SafetensorsFile file, JsonProperty property, (string Name, TValue Value)[] names)
    {
        string found = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
        foreach ((string name, TValue value) in names)
        {
            if (property.Value.ValueKind == JsonValueKind.String && name == found)
            {
                return value;
            }
        }

        throw Fail(
            file,
            $"has '{property.Name}' = {ModelFormatException.Quote(found)}, "
            + $"expected one of {string.Join(", ", names.Select(entry => entry.Name))}");
    }
}
