namespace SpanRnn.Formats.Onnx;

/// <summary>One node: an operator, the names of its inputs and outputs, and its attributes.</summary>
internal sealed class OnnxNode
{
    private readonly List<OnnxAttribute> _attributes = [];
    private string _name = string.Empty;
    private readonly OnnxLimits _limits;
    private readonly string _file;

    private OnnxNode(string file, OnnxLimits limits)
    {
        (_file, _limits) = (file, limits);
    }

    /// <summary>The operator, such as "LSTM".</summary>
    public string Operator { get; private set; } = string.Empty;

    /// <summary>The domain of the operator; empty for the standard's.</summary>
    public string Domain { get; private set; } = string.Empty;

    /// <summary>The names of the inputs; empty for an input that is left out.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>The names of the outputs.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>The node as messages call it, such as "node 'a' (LSTM)".</summary>
    public string Text => $"node {ModelFormatException.Quote(ShownName)} ({ModelFormatException.Quote(Operator)[1..^1]})";

    private string ShownName => _name.Length > 0 ? _name : Outputs.Find(output => output.Length > 0) ?? string.Empty;

    /// <summary>Reads a NodeProto.</summary>
    public static OnnxNode Parse(ProtobufMessage message, OnnxLimits limits)
    {
        var node = new OnnxNode(message.File, limits);
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

    /// <summary>Finds the attribute with that name; null if there is none.</summary>
    public OnnxAttribute? Attribute(string name)
    {
        // The last one counts, as with repeated single values in protobuf. Names are not kept in a table.
        OnnxAttribute? found = null;
        foreach (OnnxAttribute attribute in _attributes)
        {
            found = attribute.Name == name ? attribute : found;
        }

        return found;
    }

    /// <summary>The names of all attributes.</summary>
    public IEnumerable<string> AttributeNames => _attributes.Select(attribute => attribute.Name);

    /// <summary>Reads a whole number; <paramref name="otherwise"/> if there is none.</summary>
    public long Int64(string name, long otherwise) => Attribute(name)?.Int64() ?? otherwise;

    /// <summary>Reads a real number; <paramref name="otherwise"/> if there is none.</summary>
    public float Single(string name, float otherwise) => Attribute(name)?.Single() ?? otherwise;

    /// <summary>The subgraphs among the attributes.</summary>
    public IEnumerable<ProtobufMessage> Graphs => _attributes.SelectMany(attribute => attribute.Graphs());

    /// <summary>Name of an input; empty if it is left out.</summary>
    public string Input(int index) => index < Inputs.Count ? Inputs[index] : string.Empty;

    /// <summary>Name of an output; empty if it is left out.</summary>
    public string Output(int index) => index < Outputs.Count ? Outputs[index] : string.Empty;

    /// <summary>Makes a refusal that names the node.</summary>
    /// <param name="problem">Text of the message: what was found and what was expected, without a full stop.</param>
    public ModelFormatException Fail(string problem) => new(_file, $"{Text}: {_limits.Sizes.Shown(problem)}.");
}
