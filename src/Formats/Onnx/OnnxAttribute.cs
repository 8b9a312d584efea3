using System.Text;

namespace SpanRnn.Formats;

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
