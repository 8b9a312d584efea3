using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.PyTorch;

/// <summary>
/// Options of a network that neither names nor shapes of tensors tell. They are in the metadata entry "spanrnn", a JSON object such as
/// {"nonlinearity":"relu","head":"last_step"} without the members that have PyTorch's default; null here is that default. Or the object
/// describes the whole network, {"network":{...},"modules":["lstm",{"batch_norm":"bn","epsilon":1e-5},"fc"]}, and has no other members.
/// </summary>
internal sealed record PyTorchOptions
{
    /// <summary>The key of the metadata entry.</summary>
    public const string MetadataName = "spanrnn";

    private const string NonlinearityName = "nonlinearity";
    private const string GruName = "gru";
    private const string HeadName = "head";
    private const string ActivationName = "activation";
    private const string GateActivationName = "gate_activation";
    private const string OutputActivationName = "output_activation";
    private const string CoupledGatesName = "coupled_gates";
    private const string ClipName = "clip";
    private const string NetworkName = "network";
    private const string ModulesName = "modules";
    private const string BatchNormName = "batch_norm";
    private const string EpsilonName = "epsilon";

    // The default of torch.nn.BatchNorm1d.
    private const double Epsilon = 1e-5;

    private static readonly (string Name, ActivationKind Value)[] _nonlinearities =
    [
        ("tanh", ActivationKind.Tanh),
        ("relu", ActivationKind.Relu),
        ("sigmoid", ActivationKind.Sigmoid),
        ("identity", ActivationKind.Identity),
        ("hard_step", ActivationKind.HardStep),
    ];

    private static readonly (string Name, CellKind Value)[] _gruForms =
        [("reset_after", CellKind.GruResetAfter), ("reset_before", CellKind.GruResetBefore)];

    /// <summary>The activation of an Elman layer; tanh by default.</summary>
    public ActivationKind? Nonlinearity { get; private set; }

    /// <summary>The kind of a GRU; reset-after by default.</summary>
    public CellKind? Gru { get; private set; }

    /// <summary>The name of what the head reads, see <see cref="Readout"/>; every step by default.</summary>
    public string? Head { get; private set; }

    /// <summary>The activation of g or n, or of an Elman layer if it is none of the nonlinearities; tanh by default.</summary>
    public ActivationSpec? CandidateActivation { get; private set; }

    /// <summary>The activation of the gates; the sigmoid by default.</summary>
    public ActivationSpec? GateActivation { get; private set; }

    /// <summary>The activation of an LSTM's c; tanh by default.</summary>
    public ActivationSpec? OutputActivation { get; private set; }

    /// <summary>True if an LSTM's input and forget gates are coupled; false by default.</summary>
    public bool? CoupledGates { get; private set; }

    /// <summary>The limit of pre-activations; none by default.</summary>
    public double? Clip { get; private set; }

    /// <summary>The whole network; null if names and shapes of the tensors determine it.</summary>
    public NetworkSpec? Network { get; private set; }

    /// <summary>
    /// The modules of <see cref="Network"/>: the embedding, if there is one, and each layer that has parameters. Null for the names of
    /// <see cref="PyTorchNames.Modules"/>.
    /// </summary>
    public string[]? Modules { get; private set; }

    /// <summary>ε of the modules that are batch normalizations, by their names: four tensors give the scale and the shift of one.</summary>
    public Dictionary<string, double> BatchNorms { get; } = [];

    /// <summary>Reads the options of a file.</summary>
    public static PyTorchOptions Read(string file, IReadOnlyDictionary<string, string> metadata)
    {
        var options = new PyTorchOptions();
        if (!metadata.TryGetValue(MetadataName, out string? text))
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

            if (document.RootElement.TryGetProperty(NetworkName, out JsonElement network))
            {
                options.Describe(file, document.RootElement, network);
                return options;
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                options.Set(file, property);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape such as \ud800 is half a character.
            throw Fail(file, $"is {ModelFormatException.Quote(text)}, expected a JSON object");
        }

        return options;
    }

    /// <summary>Makes the metadata entry of a network; null if defaults describe it.</summary>
    public static string? Text(NetworkSpec spec)
    {
        if (!PyTorchNames.IsOneModule(spec))
        {
            return $$"""{"{{NetworkName}}":{{NetworkJson.Write(spec)}}}""";
        }

        var layer = (RecurrentLayer)spec.Layers[0];
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (layer.Cell == CellKind.Elman || layer.Activation != ActivationKind.Tanh)
            {
                if (layer.Cell == CellKind.Elman && HasName(layer.Activation))
                {
                    json.WriteString(NonlinearityName, NameOf(layer.Activation.Kind));
                }
                else
                {
                    NetworkJson.Write(json, ActivationName, layer.Activation);
                }
            }

            if (layer.GateActivation != ActivationKind.Sigmoid)
            {
                NetworkJson.Write(json, GateActivationName, layer.GateActivation);
            }

            if (layer.OutputActivation != ActivationKind.Tanh)
            {
                NetworkJson.Write(json, OutputActivationName, layer.OutputActivation);
            }

            if (layer.CoupledGates)
            {
                json.WriteBoolean(CoupledGatesName, true);
            }

            if (double.IsFinite(layer.Clip))
            {
                json.WriteNumber(ClipName, layer.Clip);
            }

            if (layer.Cell == CellKind.GruResetBefore)
            {
                json.WriteString(GruName, NameOf(_gruForms, layer.Cell));
            }

            if (spec.Layers[^1] is DenseLayer)
            {
                json.WriteString(HeadName, Readout.NameOf(Readout.Of(spec)));
            }

            json.WriteEndObject();
        }

        string text = Encoding.UTF8.GetString(bytes.ToArray());
        return text == "{}" ? null : text;
    }

    /// <summary>Names an activation in files and messages.</summary>
    public static string NameOf(ActivationKind activation) => NameOf(_nonlinearities, activation);

    /// <summary>Refuses options of parts that the network does not have.</summary>
    public void CheckUse(string file, CellKind cell, bool hasHead)
    {
        if (Nonlinearity is not null && CandidateActivation is not null)
        {
            throw Fail(file, $"has '{NonlinearityName}' and '{ActivationName}', expected one of them");
        }

        if (Nonlinearity is not null && cell != CellKind.Elman)
        {
            throw Fail(file, $"has '{NonlinearityName}', expected none, since the shapes belong to {PyTorchNames.Of(cell)}");
        }

        if (Gru is not null && cell is not (CellKind.GruResetAfter or CellKind.GruResetBefore))
        {
            throw Fail(file, $"has '{GruName}', expected none, since the shapes belong to {PyTorchNames.Of(cell)}");
        }

        if (Head is not null && !hasHead)
        {
            throw Fail(file, $"has '{HeadName}', expected none, since there are no tensors of a head");
        }
    }

    private static bool HasName(ActivationSpec activation) => Array.Exists(_nonlinearities, entry => activation == entry.Value);

    private static string NameOf<TValue>((string Name, TValue Value)[] names, TValue value)
        where TValue : struct, Enum => Array.Find(names, entry => entry.Value.Equals(value)).Name;

    private static ModelFormatException Fail(string file, string problem) =>
        new(file, $"the metadata entry '{MetadataName}' {problem}.");

    private void Describe(string file, JsonElement root, JsonElement network)
    {
        HashSet<string> allowed = [NetworkName, ModulesName];
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!allowed.Remove(property.Name))
            {
                throw Fail(
                    file,
                    $"has the member {ModelFormatException.Quote(property.Name)}, expected '{NetworkName}' and at most '{ModulesName}', "
                    + "once each");
            }
        }

        Network = NetworkJson.Read(network.GetRawText(), file);
        if (root.TryGetProperty(ModulesName, out JsonElement modules))
        {
            bool isNames = modules.ValueKind == JsonValueKind.Array && modules.EnumerateArray().All(module => NameOf(module) is not null);
            Modules = isNames
                ? [.. modules.EnumerateArray().Select(module => NameOf(module)!)]
                : throw Fail(
                    file,
                    $"has '{ModulesName}' = {ModelFormatException.Quote(modules.GetRawText())}, expected an array of names, or "
                    + $"{BatchNorm("NAME")} for a batch normalization");
        }
    }

    /// <summary>Describes a module that is a batch normalization, for messages.</summary>
    public static string BatchNorm(string name) =>
        $$"""{"{{BatchNormName}}":"{{ModelFormatException.Quote(name)[1..^1]}}","{{EpsilonName}}":1e-5}""";

    // A name, or an object with the name of a batch normalization. Null for anything else.
    private string? NameOf(JsonElement module)
    {
        if (module.ValueKind == JsonValueKind.String)
        {
            return module.GetString();
        }

        string? name = null;
        double epsilon = Epsilon;
        foreach (JsonProperty member in module.ValueKind == JsonValueKind.Object ? module.EnumerateObject() : default)
        {
            switch (member.Name)
            {
                case BatchNormName when name is null && member.Value.ValueKind == JsonValueKind.String:
                    name = member.Value.GetString();
                    break;
                case EpsilonName when member.Value.ValueKind == JsonValueKind.Number:
                    epsilon = member.Value.GetDouble();
                    break;
                default:
                    return null;
            }
        }

        if (name is not null)
        {
            BatchNorms[name] = epsilon;
        }

        return name;
    }

    private void Set(string file, JsonProperty property)
    {
        switch (property.Name)
        {
            case NonlinearityName when Nonlinearity is null:
                Nonlinearity = Value(file, property, _nonlinearities);
                break;
            case GruName when Gru is null:
                Gru = Value(file, property, _gruForms);
                break;
            case ActivationName when CandidateActivation is null:
                CandidateActivation = ReadActivation(file, property);
                break;
            case GateActivationName when GateActivation is null:
                GateActivation = ReadActivation(file, property);
                break;
            case OutputActivationName when OutputActivation is null:
                OutputActivation = ReadActivation(file, property);
                break;
            case CoupledGatesName when CoupledGates is null:
                CoupledGates = property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                    ? property.Value.GetBoolean()
                    : throw Fail(
                        file,
                        $"has '{CoupledGatesName}' = {ModelFormatException.Quote(property.Value.GetRawText())}, expected true or false");
                break;
            case ClipName when Clip is null:
                Clip = property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetDouble(out double clip)
                    ? clip
                    : throw Fail(file, $"has '{ClipName}' = {ModelFormatException.Quote(property.Value.GetRawText())}, expected a number");
                break;
            case HeadName when Head is null:
                string? head = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
                Head = head is not null && Readout.TryParse(head, out _) ? head : throw Unknown(file, property, Readout.Names);
                break;
            default:
                throw Fail(
                    file,
                    $"has the member {ModelFormatException.Quote(property.Name)}, "
                    + $"expected {NonlinearityName}, {GruName}, {HeadName}, {ActivationName}, {GateActivationName}, "
                    + $"{OutputActivationName}, {CoupledGatesName} and {ClipName} at most once each");
        }
    }

    private static ActivationSpec ReadActivation(string file, JsonProperty property)
    {
        try
        {
            return NetworkJson.Activation(property.Value);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw Fail(
                file,
                $"has '{property.Name}' = {ModelFormatException.Quote(property.Value.GetRawText())}, "
                + "expected an activation with its alpha and beta, such as [\"elu\",1,0]");
        }
    }

    private static TValue Value<TValue>(string file, JsonProperty property, (string Name, TValue Value)[] names)
    {
        foreach ((string name, TValue value) in names)
        {
            if (property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals(name))
            {
                return value;
            }
        }

        throw Unknown(file, property, names.Select(entry => entry.Name));
    }

    private static ModelFormatException Unknown(string file, JsonProperty property, IEnumerable<string> names)
    {
        string found = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
        return Fail(
            file, $"has '{property.Name}' = {ModelFormatException.Quote(found)}, expected one of {string.Join(", ", names)}");
    }
}
