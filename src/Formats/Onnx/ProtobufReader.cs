using System.Buffers.Binary;
using System.Text;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Walks the fields of one message. Every length is checked before it is used, and nothing is copied. Fields that are not read are skipped;
/// groups (wire types 3 and 4) and unknown wire types are refused.
/// </summary>
internal ref struct ProtobufReader
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    private readonly ProtobufMessage _message;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _wire;
    private bool _isRead;

    public ProtobufReader(ProtobufMessage message)
    {
        _message = message;
        _bytes = message.Bytes.Span;
        _isRead = true;
    }

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false behind the last one.</summary>
    public bool Next()
    {
        if (!_isRead)
        {
            Skip();
        }

        if (_position == _bytes.Length)
        {
            return false;
        }

        int start = _position;
        ulong key = ReadVarint();
        _wire = (int)(key & 7);
        if (_wire is not (Varint or Fixed64 or Delimited or Fixed32) || key >> 3 is 0 or > int.MaxValue)
        {
            throw Fail(start, $"the key of a field is {key}, expected a field from 1 with wire type 0, 1, 2 or 5");
        }

        Field = (int)(key >> 3);
        _isRead = false;
        return true;
    }

    /// <summary>Reads the field as a whole number.</summary>
    public long Int64()
    {
        Expect(Varint);
        return (long)ReadVarint();
    }

    /// <summary>Reads the field as a number of 32 bits.</summary>
    public float Single()
    {
        Expect(Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    /// <summary>Reads the field as bytes: an inner message, packed numbers or a string.</summary>
    public ProtobufMessage Message()
    {
        Expect(Delimited);
        int length = ReadLength();
        ProtobufMessage inner = new(_message.File, _message.Start + _position, _message.Bytes.Slice(_position, length));
        _position += length;
        return inner;
    }

    /// <summary>Reads the field as text.</summary>
    public string Text() => Encoding.UTF8.GetString(Message().Bytes.Span);

    /// <summary>Reads the numbers of a repeated field, one or packed, and adds them to a list.</summary>
    public void Int64s(List<long> to)
    {
        if (_wire != Delimited)
        {
            to.Add(Int64());
            return;
        }

        Expect(Delimited);
        int end = ReadLength() + _position;
        while (_position < end)
        {
            to.Add((long)ReadVarint());
        }

        CheckEnd(end);
    }

    /// <summary>Counts the numbers of a repeated field, one or packed, without keeping them.</summary>
    public long CountInt64s()
    {
        if (_wire != Delimited)
        {
            Int64();
            return 1;
        }

        ReadOnlySpan<byte> packed = Message().Bytes.Span;
        long count = 0;
        foreach (byte value in packed)
        {
            count += value < 0x80 ? 1 : 0;
        }

        return count;
    }

    /// <summary>Reads the bytes of a repeated field of numbers of that size, one or packed.</summary>
    public ReadOnlyMemory<byte> Numbers(int size)
    {
        if (_wire == Delimited)
        {
            return Message().Bytes;
        }

        Expect(size == sizeof(float) ? Fixed32 : Fixed64);
        int start = _position;
        Take(size);
        return _message.Bytes.Slice(start, size);
    }

    private void Skip()
    {
        _isRead = true;
        switch (_wire)
        {
            case Varint:
                ReadVarint();
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            default:
                Take(ReadLength());
                break;
        }
    }

    private void Expect(int wire)
    {
        _isRead = true;
        if (_wire != wire)
        {
            throw Fail(_position, $"field {Field} has wire type {_wire}, expected {wire}");
        }
    }

    private int ReadLength()
    {
        int start = _position;
        ulong length = ReadVarint();
        int rest = _bytes.Length - _position;
        return length <= (ulong)rest
            ? (int)length
            : throw Fail(start, $"the length of field {Field} is {length}, expected at most {rest}, the bytes that follow it");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _position)
        {
            throw Fail(_position, $"the file ends within field {Field}, expected {count} bytes");
        }

        _position += count;
        return _bytes.Slice(_position - count, count);
    }

    private ulong ReadVarint()
    {
        const int Longest = 10;
        int start = _position;
        ulong value = 0;
        for (int i = 0; i < Longest && _position < _bytes.Length; i++)
        {
            byte next = _bytes[_position++];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Fail(start, "a number does not end, expected at most 10 bytes, the last one below 128");
    }

    private readonly void CheckEnd(int end)
    {
        if (_position != end)
        {
            throw Fail(end, $"the last number of field {Field} goes beyond the field, expected packed numbers");
        }
    }

    private readonly ModelFormatException Fail(int position, string problem) =>
        new(_message.File, $"byte {_message.Start + position}: {problem}.");
}
