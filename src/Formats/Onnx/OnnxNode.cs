namespace SpanRnn.Formats;

/// <summary>One node: an operator, the names of what goes in and comes out, and its attributes.</summary>
internal sealed class OnnxNode
{
    private readonly List<OnnxAttribute> _attributes = [];
    private string _name = string.Empty;
    private string _file = string.Empty;

    /// <summary>The operator, such as "LSTM".</summary>
    public string Operator { get; private set; } = string.Empty;

    /// <summary>Whose operator it is; empty for the standard's.</summary>
    public string Domain { get; private set; } = string.Empty;

    /// <summary>The values that go in; an empty name for one that is left out.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>The values that come out.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>"node 'a' (LSTM)", as messages call it.</summary>
    public string Text => $"node {ModelFormatException.Quote(ShownName)} ({ModelFormatException.Quote(Operator)[1..^1]})";

    private string ShownName => _name.Length > 0 ? _name : Outputs.Find(output => output.Length > 0) ?? string.Empty;

    /// <summary>Reads a NodeProto.</summary>
    public static OnnxNode Parse(ProtobufMessage message, OnnxLimits limits)
    {
        var node = new OnnxNode { _file = message.File };
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    limits.Part();
                    node.Inputs.Add(reader.Text());
                    break;
                case 2:
                    limits.Part();
                    node.Outputs.Add(reader.Text());
                    break;
                case 3:
                    node._name = reader.Text();
                    break;
                case 4:
                    node.Operator = reader.Text();
                    break;
                case 5:
                    limits.Part();
                    node._attributes.Add(new OnnxAttribute(reader.Message()));
                    break;
                case 7:
                    node.Domain = reader.Text();
                    break;
                default:
                    break;
            }
        }

        return node.Operator.Length > 0
            ? node
            : throw new ModelFormatException(message.File, $"byte {message.Start}: a node has no operator, expected its op_type.");
    }

    /// <summary>The attribute of that name, or null.</summary>
    public OnnxAttribute? Attribute(string name)
    {
        // The last one, as protobuf has it of repeated single values; names are compared as they are needed and never kept.
        OnnxAttribute? found = null;
        foreach (OnnxAttribute attribute in _attributes)
        {
            found = attribute.Name == name ? attribute : found;
        }

        return found;
    }

    /// <summary>The names of all attributes.</summary>
    public IEnumerable<string> AttributeNames => _attributes.Select(attribute => attribute.Name);

    /// <summary>A whole number, or <paramref name="otherwise"/> where there is none.</summary>
    public long Int64(string name, long otherwise) => Attribute(name)?.Int64() ?? otherwise;

    /// <summary>A real number, or <paramref name="otherwise"/> where there is none.</summary>
    public float Single(string name, float otherwise) => Attribute(name)?.Single() ?? otherwise;

    /// <summary>The subgraphs among the attributes.</summary>
    public IEnumerable<ProtobufMessage> Graphs => _attributes.SelectMany(attribute => attribute.Graphs());

    /// <summary>The name of an input, or an empty one where it is left out.</summary>
    public string Input(int index) => index < Inputs.Count ? Inputs[index] : string.Empty;

    /// <summary>The name of an output, or an empty one where nobody wants it.</summary>
    public string Output(int index) => index < Outputs.Count ? Outputs[index] : string.Empty;

    /// <summary>A refusal that names the node.</summary>
    /// <param name="problem">What was found and what was expected, without a full stop.</param>
    public ModelFormatException Fail(string problem) => new(_file, $"{Text}: {problem}.");
}
