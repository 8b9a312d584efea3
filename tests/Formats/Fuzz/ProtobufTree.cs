namespace SpanRnn.Tests;

/// <summary>
/// Changes a message of the protocol buffers from inside: lengths are written again, so that the damaged bytes are still a message and the
/// reader gets past its frame.
/// </summary>
internal static class ProtobufTree
{
    private const int Deepest = 12;

    private static readonly ulong[] _extremes =
        [0, 1, 2, 3, 7, 16, 100, 65536, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, ulong.MaxValue, ulong.MaxValue - 1];

    /// <summary>The message with all changes.</summary>
    public static byte[] Apply(byte[] original, Mutation[] changes)
    {
        byte[] bytes = original;
        foreach (Mutation change in changes)
        {
            if (Parse(bytes, 0) is { Count: > 0 } fields)
            {
                Change(fields, change);
                bytes = Encode(fields);
            }
        }

        return bytes;
    }

    private static void Change(List<Field> message, Mutation change)
    {
        // Down from the root, at each level into a field chosen by the position's digits.
        uint place = (uint)change.Position;
        List<Field> fields = message;
        int index = (int)(place % (uint)fields.Count);
        while (fields[index].Children is { Count: > 0 } children && change.Value % 7 != 0)
        {
            place = (place * 2654435761u) + 12345;
            fields = children;
            index = (int)(place % (uint)fields.Count);
        }

        Field field = fields[index];
        int other = (int)((uint)change.Value % (uint)fields.Count);
        switch ((uint)change.Kind % 6)
        {
            case 0 when field.WireType == 0:
                field.Number = _extremes[change.Value % _extremes.Length];
                break;
            case 0 or 1 when field.Children is null && field.Bytes.Length > 0:
                field.Bytes = Mutation.Apply(field.Bytes, [change]);
                break;
            case 2:
                fields.RemoveAt(index);
                break;
            case 3:
                fields.Insert(other, field);
                break;
            case 4:
                (fields[index], fields[other]) = (fields[other], fields[index]);
                break;
            case 5 when fields[other].WireType == field.WireType && fields[other].Tag == field.Tag:
                (field.Bytes, field.Children, field.Number) = (fields[other].Bytes, fields[other].Children, fields[other].Number);
                break;
            default:
                field.Tag = (field.Tag & 7) | (((uint)change.Value % 24) << 3);
                break;
        }
    }

    private static List<Field>? Parse(ReadOnlySpan<byte> bytes, int depth)
    {
        List<Field> fields = [];
        while (!bytes.IsEmpty)
        {
            if (depth > Deepest || !Varint(ref bytes, out ulong tag) || tag is 0 or > uint.MaxValue)
            {
                return null;
            }

            var field = new Field { Tag = (uint)tag };
            int length = field.WireType switch { 1 => 8, 5 => 4, _ => 0 };
            if (field.WireType == 0)
            {
                if (!Varint(ref bytes, out ulong number))
                {
                    return null;
                }

                field.Number = number;
            }
            else if (field.WireType == 2)
            {
                if (!Varint(ref bytes, out ulong count) || count > (ulong)bytes.Length)
                {
                    return null;
                }

                length = (int)count;
            }

            if (field.WireType is 3 or 4 or > 5 || length > bytes.Length)
            {
                return null;
            }

            field.Bytes = bytes[..length].ToArray();
            field.Children = field.WireType == 2 && length > 1 ? Parse(bytes[..length], depth + 1) : null;
            bytes = bytes[length..];
            fields.Add(field);
        }

        return fields;
    }

    private static bool Varint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static byte[] Encode(List<Field> fields)
    {
        List<byte> bytes = [];
        foreach (Field field in fields)
        {
            AddVarint(bytes, field.Tag);
            byte[] content = field.Children is null ? field.Bytes : Encode(field.Children);
            if (field.WireType == 0)
            {
                AddVarint(bytes, field.Number);
            }
            else if (field.WireType == 2)
            {
                AddVarint(bytes, (ulong)content.Length);
            }

            bytes.AddRange(content);
        }

        return [.. bytes];
    }

    private static void AddVarint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }

    private sealed class Field
    {
        public uint Tag { get; set; }

        public uint WireType => Tag & 7;

        public ulong Number { get; set; }

        public byte[] Bytes { get; set; } = [];

        public List<Field>? Children { get; set; }
    }
}
