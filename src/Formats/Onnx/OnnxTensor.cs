namespace SpanRnn.Formats.Onnx;

/// <summary>A stored tensor: its name, type and sizes. Its numbers are read on demand.</summary>
internal sealed class OnnxTensor
{
    private readonly ProtobufMessage _message;
    private readonly List<long> _sizes = [];
    private long _type;
    private bool _isExternal;

    private OnnxTensor(ProtobufMessage message)
    {
        _message = message;
    }

    /// <summary>The name; empty in an attribute.</summary>
    public string Name { get; private set; } = string.Empty;

    private string Text => Name.Length > 0 ? $"tensor {ModelFormatException.Quote(Name)}" : $"the tensor at byte {_message.Start}";

    /// <summary>Reads a TensorProto without its numbers.</summary>
    public static OnnxTensor Parse(ProtobufMessage message)
    {
        var tensor = new OnnxTensor(message);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.Int64s(tensor._sizes);
                    if (tensor._sizes.Count > OnnxLimits.Rank)
                    {
                        throw tensor.Fail($"has more than {OnnxLimits.Rank} sizes, expected fewer");
                    }

                    break;
                case 2:
                    tensor._type = reader.Int64();
                    break;
                case 3:
                    throw tensor.Fail("is a segment of a larger one, expected whole tensors");
                case 8:
                    tensor.Name = reader.Text();
                    break;
                case 14:
                    tensor._isExternal = reader.Int64() != 0;
                    break;
                default:
                    break;
            }
        }

        return tensor;
    }

    /// <summary>The sizes as text for messages.</summary>
    public string ShapeText => $"[{string.Join(", ", _sizes)}]";

    /// <summary>Reads the numbers as a constant, which refers to raw numbers in place.</summary>
    public OnnxValue Read(OnnxLimits limits, OnnxExternalData files)
    {
        var type = (OnnxType)_type;
        if (!Enum.IsDefined(type))
        {
            throw Fail($"has the element type {_type}, expected real numbers, whole numbers or truth values");
        }

        long count = 1;
        foreach (long size in _sizes)
        {
            if (size < 0 || (size > 0 && count > OnnxLimits.Elements / size))
            {
                throw Fail($"has the shape {ShapeText}, expected sizes of 0 or more with a product of at most 2^38");
            }

            count *= size;
        }

        ReadOnlyMemory<byte> bytes = _isExternal ? External(files, count * type.Size()) : Stored(type, count, limits);
        long expected = count * type.Size();
        return bytes.Length == expected
            ? OnnxValue.Constant(type, [.. _sizes], bytes, Name)
            : throw Fail($"has {bytes.Length} bytes, expected {expected} for the shape {ShapeText} of {type.Name()}");
    }

    private ModelFormatException Fail(string problem) => new(_message.File, $"{Text} {problem}.");

    // raw_data = 9, or the field of the type: float_data = 4, int32_data = 5, int64_data = 7, double_data = 10, uint64_data = 11.
    private ReadOnlyMemory<byte> Stored(OnnxType type, long count, OnnxLimits limits)
    {
        int own = type switch
        {
            OnnxType.Float => 4,
            OnnxType.Double => 10,
            OnnxType.Int64 => 7,
            OnnxType.UInt32 or OnnxType.UInt64 => 11,
            _ => 5,
        };
        ReadOnlyMemory<byte>? raw = null;
        long found = 0;
        int pieces = 0;
        ReadOnlyMemory<byte> piece = default;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == 9)
            {
                raw = reader.Message().Bytes;
            }
            else if (reader.Field == own)
            {
                pieces++;
                if (own is 4 or 10)
                {
                    piece = reader.Numbers(type.Size());
                    found += piece.Length / type.Size();
                }
                else
                {
                    found += reader.CountInt64s();
                }
            }
        }

        if (raw is { } bytes)
        {
            return found == 0 ? bytes : throw Fail("has raw_data and numbers of its type, expected one of the two");
        }

        if (found != count)
        {
            throw Fail($"has {found} numbers, expected {count} for the shape {ShapeText} of {type.Name()}");
        }

        return own is 4 or 10 && pieces == 1 ? piece : Convert(type, own, (int)count, limits);
    }

    private byte[] Convert(OnnxType type, int own, int count, OnnxLimits limits)
    {
        limits.Charge(count);
        int size = type.Size();
        byte[] bytes = new byte[count * size];
        Span<byte> rest = bytes;
        List<long> whole = [];
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field != own)
            {
                continue;
            }

            if (own is 4 or 10)
            {
                ReadOnlySpan<byte> numbers = reader.Numbers(size).Span;
                numbers[..(numbers.Length / size * size)].CopyTo(rest);
                rest = rest[(numbers.Length / size * size)..];
                continue;
            }

            whole.Clear();
            reader.Int64s(whole);
            foreach (long value in whole)
            {
                // int32_data holds the bits of a half, not its value.
                OnnxType stored = type is OnnxType.Float16 or OnnxType.BFloat16 ? OnnxType.UInt16 : type;
                stored.Write(value, rest);
                rest = rest[size..];
            }
        }

        return bytes;
    }

    // external_data = 13, pairs of key and value.
    private ReadOnlyMemory<byte> External(OnnxExternalData files, long length)
    {
        string location = string.Empty;
        string offset = "0";
        string? stated = null;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field != 13)
            {
                continue;
            }

            (string key, string value) = OnnxEntry.Parse(reader.Message());
            switch (key)
            {
                case "location":
                    location = value;
                    break;
                case "offset":
                    offset = value;
                    break;
                case "length":
                    stated = value;
                    break;
                default:
                    break;
            }
        }

        if (!long.TryParse(offset, out long start) || start < 0
            || (stated is not null && (!long.TryParse(stated, out long said) || said != length)))
        {
            throw Fail(
                $"is {ModelFormatException.Quote(stated ?? "all")} bytes from {ModelFormatException.Quote(offset)} of another file, "
                + $"expected {length} bytes for the shape {ShapeText} at an offset of 0 or more");
        }

        return files.Read(Text, location, start, length);
    }
}
