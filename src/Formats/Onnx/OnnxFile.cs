namespace SpanRnn.Formats.Onnx;

/// <summary>A whole model file: its graph, opset and free text.</summary>
internal sealed class OnnxFile
{
    private const int OldestOpset = 7;
    private const int NewestOpset = 24;

    private readonly string _file;

    private OnnxFile(string file)
    {
        _file = file;
    }

    /// <summary>The graph.</summary>
    public OnnxParsedGraph Graph { get; private set; } = new();

    /// <summary>The version of the standard's operators.</summary>
    public long Opset { get; private set; }

    /// <summary>The producer of the file, and its own entries.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>True if a domain is the standard's own.</summary>
    public static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    /// <summary>Reads a ModelProto.</summary>
    public static OnnxFile Parse(ReadOnlyMemory<byte> bytes, string file, OnnxLimits limits)
    {
        var model = new OnnxFile(file);
        bool hasGraph = false;
        var reader = new ProtobufReader(new ProtobufMessage(file, 0, bytes));
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    model.Metadata["producer_name"] = reader.Text();
                    break;
                case 3:
                    model.Metadata["producer_version"] = reader.Text();
                    break;
                case 7:
                    model.Graph = hasGraph
                        ? throw new ModelFormatException(file, "there are two graphs, expected one.")
                        : OnnxParsedGraph.Parse(reader.Message(), limits);
                    hasGraph = true;
                    break;
                case 8:
                    model.AddOpset(reader.Message());
                    break;
                case 14:
                    limits.Part();
                    (string key, string value) = OnnxEntry.Parse(reader.Message());
                    model.Metadata[key] = value;
                    break;
                default:
                    break;
            }
        }

        if (!hasGraph)
        {
            throw new ModelFormatException(file, "there is no graph, expected an ONNX model.");
        }

        return model.Opset is >= OldestOpset and <= NewestOpset
            ? model
            : throw new ModelFormatException(
                file, $"the opset is {model.Opset}, expected {OldestOpset} to {NewestOpset} of the standard operators.");
    }

    // OperatorSetIdProto { string domain = 1; int64 version = 2; }. Other domains matter only if a node uses them.
    private void AddOpset(ProtobufMessage message)
    {
        string domain = string.Empty;
        long version = 0;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                domain = reader.Text();
            }
            else if (reader.Field == 2)
            {
                version = reader.Int64();
            }
        }

        if (IsStandard(domain))
        {
            Opset = Opset == 0 || Opset == version
                ? version
                : throw new ModelFormatException(_file, $"there are the opsets {Opset} and {version}, expected one.");
        }
    }
}
