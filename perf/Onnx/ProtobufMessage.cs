using System.Buffers;
using System.Text;

namespace SpanRnn.Perf;

/// <summary>A message of protocol buffers, field after field, as far as models need it: whole numbers, and bytes with a length.</summary>
internal sealed class ProtobufMessage
{
    private const int Number = 0;
    private const int LengthAndBytes = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ProtobufMessage Add(int field, long value)
    {
        WriteNumber((ulong)((field << 3) | Number));
        WriteNumber((ulong)value);
        return this;
    }

    public ProtobufMessage Add(int field, ReadOnlySpan<byte> value)
    {
        WriteNumber((ulong)((field << 3) | LengthAndBytes));
        WriteNumber((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public ProtobufMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value._bytes.WrittenSpan);

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    // Seven bits a byte, the lowest first; the top bit says that more follow.
    private void WriteNumber(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Write([(byte)(value | 0x80)]);
        }

        _bytes.Write([(byte)value]);
    }
}
