using System.Text;
using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Onnx;

/// <summary>One attribute. Its value is read on demand.</summary>
internal sealed class OnnxAttribute
{
    // Values of AttributeType: FLOAT, INT, STRING, TENSOR, GRAPH, then a list of each. Files may leave it out: 0.
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

    /// <summary>The name.</summary>
    public string Name { get; } = string.Empty;

    /// <summary>Reads field i.</summary>
    public long? Int64()
    {
        // Some writers leave out zeros.
        long? value = Expect(Int) ? 0 : null;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            value = reader.Field == 3 ? reader.Int64() : value;
        }

        return value;
    }

    /// <summary>Reads field f.</summary>
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

    /// <summary>Reads field s.</summary>
    public string? Text()
    {
        bool isText = Expect(String);
        return Message(4) is { } text ? Encoding.UTF8.GetString(text.Bytes.Span) : isText ? string.Empty : null;
    }

    /// <summary>Reads field t.</summary>
    public OnnxTensor? Tensor() => Message(5) is { } tensor ? OnnxTensor.Parse(tensor) : null;

    /// <summary>Reads field g.</summary>
    public ProtobufMessage? Graph() => Message(6);

    /// <summary>Reads field ints.</summary>
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

    /// <summary>Reads field floats.</summary>
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

    /// <summary>Reads field strings.</summary>
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

    /// <summary>Reads fields g and graphs.</summary>
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
    /// <returns>True if the file says the type.</returns>
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
