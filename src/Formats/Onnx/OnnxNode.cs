using System.Text;

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

/// <summary>One attribute, of which nothing is read before it is asked for.</summary>
internal sealed class OnnxAttribute
{
    // AttributeType, each followed by its list: FLOAT, INT, STRING, TENSOR, GRAPH; 0 in files that leave it out.
    private const int Float = 1;
    private const int Int = 2;
    private const int String = 3;
    private const int Floats = 6;
    private const int Ints = 7;
    private const int Strings = 8;

    private readonly ProtobufMessage _message;
    private readonly long _type;

    public OnnxAttribute(ProtobufMessage message)
    {
        _message = message;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                Name = reader.Text();
            }
            else if (reader.Field == 20)
            {
                _type = reader.Int64();
            }
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; } = string.Empty;

    /// <summary>i.</summary>
    public long? Int64()
    {
        // Some writers leave out what is 0.
        long? value = Expect(Int) ? 0 : null;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            value = reader.Field == 3 ? reader.Int64() : value;
        }

        return value;
    }

    /// <summary>f.</summary>
    public float? Single()
    {
        float? value = Expect(Float) ? 0 : null;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            value = reader.Field == 2 ? reader.Single() : value;
        }

        return value;
    }

    /// <summary>s.</summary>
    public string? Text()
    {
        bool isText = Expect(String);
        return Message(4) is { } text ? Encoding.UTF8.GetString(text.Bytes.Span) : isText ? string.Empty : null;
    }

    /// <summary>t.</summary>
    public OnnxTensor? Tensor() => Message(5) is { } tensor ? OnnxTensor.Parse(tensor) : null;

    /// <summary>g.</summary>
    public ProtobufMessage? Graph() => Message(6);

    /// <summary>ints.</summary>
    public List<long> Int64s(OnnxLimits limits)
    {
        _ = Expect(Ints);
        limits.Charge(_message.Bytes.Length);
        List<long> values = [];
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == 8)
            {
                reader.Int64s(values);
            }
        }

        return values;
    }

    /// <summary>floats.</summary>
    public List<float> Singles(OnnxLimits limits)
    {
        _ = Expect(Floats);
        limits.Charge(_message.Bytes.Length);
        List<float> values = [];
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == 7)
            {
                ReadOnlySpan<byte> bytes = reader.Numbers(sizeof(float)).Span;
                for (int i = 0; i + sizeof(float) <= bytes.Length; i += sizeof(float))
                {
                    values.Add(LittleEndian.First<float>(bytes[i..]));
                }
            }
        }

        return values;
    }

    /// <summary>strings.</summary>
    public List<string> Texts(OnnxLimits limits)
    {
        _ = Expect(Strings);
        limits.Charge(_message.Bytes.Length);
        List<string> values = [];
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == 9)
            {
                values.Add(reader.Text());
            }
        }

        return values;
    }

    /// <summary>g and graphs.</summary>
    public List<ProtobufMessage> Graphs()
    {
        List<ProtobufMessage> graphs = [];
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field is 6 or 11)
            {
                graphs.Add(reader.Message());
            }
        }

        return graphs;
    }

    /// <summary>Refuses an attribute of another type.</summary>
    /// <returns>Whether the file tells the type.</returns>
    private bool Expect(int type) => _type == 0 || _type == type
        ? _type == type
        : throw new ModelFormatException(
            _message.File,
            $"byte {_message.Start}: attribute {ModelFormatException.Quote(Name)} has AttributeType {_type}, expected {type}.");

    private ProtobufMessage? Message(int field)
    {
        ProtobufMessage? value = null;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            value = reader.Field == field ? reader.Message() : value;
        }

        return value;
    }
}
