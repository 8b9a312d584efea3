using System.Buffers.Binary;
using System.Text;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Writes a message of protocol buffers field by field, as far as models need it: whole numbers, floats, and bytes with a length. Bytes
/// that are added are copied only by <see cref="ToArray"/>.
/// </summary>
internal sealed class ProtobufWriter
{
    private const int Number = 0;
    private const int LengthAndBytes = 2;
    private const int FourBytes = 5;

    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private long _length;

    public ProtobufWriter Add(int field, long value) => Append(Varint(Tag(field, Number)), Varint((ulong)value));

    public ProtobufWriter Add(int field, float value)
    {
        byte[] bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return Append(Varint(Tag(field, FourBytes)), bytes);
    }

    public ProtobufWriter Add(int field, byte[] value) =>
        Append(Varint(Tag(field, LengthAndBytes)), Varint((ulong)value.Length), value);

    public ProtobufWriter Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Add(int field, ProtobufWriter value)
    {
        Append(Varint(Tag(field, LengthAndBytes)), Varint((ulong)value._length));
        _parts.AddRange(value._parts);
        _length += value._length;
        return this;
    }

    /// <summary>Makes the bytes of all fields.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[_length];
        int start = 0;
        foreach (ReadOnlyMemory<byte> part in _parts)
        {
            part.CopyTo(bytes.AsMemory(start));
            start += part.Length;
        }

        return bytes;
    }

    private static ulong Tag(int field, int kind) => (ulong)((field << 3) | kind);

    // Seven bits per byte, the lowest first; the top bit says that more follow.
    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }

    private ProtobufWriter Append(params ReadOnlySpan<byte[]> parts)
    {
        foreach (byte[] part in parts)
        {
            _parts.Add(part);
            _length += part.Length;
        }

        return this;
    }
}
