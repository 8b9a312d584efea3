using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>A kind of damage to a file.</summary>
public enum MutationKind
{
    /// <summary>One bit is turned.</summary>
    FlipBit,

    /// <summary>One byte becomes a character with a meaning in text formats.</summary>
    Symbol,

    /// <summary>The end is cut off.</summary>
    Truncate,

    /// <summary>Some bytes are removed.</summary>
    Remove,

    /// <summary>Some bytes are repeated.</summary>
    Repeat,

    /// <summary>Four or eight bytes become an extreme length.</summary>
    Length,

    /// <summary>A varint of ten bytes, the largest one, is inserted.</summary>
    Varint,

    /// <summary>Four bytes become NaN, infinity or a denormal number.</summary>
    Special,

    /// <summary>A number in the text becomes another one, or text that is no number.</summary>
    Number,

    /// <summary>Opening brackets are inserted, up to 100,000 of them.</summary>
    Nest,

    /// <summary>A member of a JSON object is repeated from its quote on.</summary>
    Duplicate,

    /// <summary>A word of the text becomes another word of it.</summary>
    Word,
}

/// <summary>One change of a file; positions and sizes are taken modulo the actual ones, so every change fits every file.</summary>
/// <param name="Kind">Kind of damage.</param>
/// <param name="Position">Position in the file.</param>
/// <param name="Value">Amount or content of the damage.</param>
public readonly record struct Mutation(MutationKind Kind, int Position, int Value)
{
    private const string Symbols = "{}[]()\"':,.-+\\0123456789eE TFnu\n";

    private static readonly string[] _numbers =
    [
        "0", "-1", "1", "2", "3", "255", "65536", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "99999999999999999999999", "1e999", "-1e999", "1e-999", "0.5", "NaN", "null", "true", "[]", "{}", "\"1\"",
        "[1]", "1000000", "100000000",
    ];

    private static readonly ulong[] _lengths =
        [0, 1, 127, 128, 255, 65535, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, ulong.MaxValue];

    private static readonly uint[] _floats = [0x7FC0_0000, 0x7F80_0000, 0xFF80_0000, 1, 0x7F7F_FFFF];

    /// <summary>One to four changes.</summary>
    public static Gen<Mutation[]> Draws { get; } =
        from count in Gen.Choose(1, 4)
        from changes in Gen.ArrayOf(
            from kind in Gen.Choose(0, Enum.GetValues<MutationKind>().Length - 1)
            from position in Gen.Choose(0, int.MaxValue - 1)
            from value in Gen.Choose(0, int.MaxValue - 1)
            select new Mutation((MutationKind)kind, position, value),
            count)
        select changes;

    /// <summary>The file with all changes, one after the other.</summary>
    public static byte[] Apply(byte[] original, Mutation[] changes)
    {
        List<byte> bytes = [.. original];
        foreach (Mutation change in changes)
        {
            if (bytes.Count > 0)
            {
                change.Apply(bytes);
            }
        }

        return [.. bytes];
    }

    private void Apply(List<byte> bytes)
    {
        int position = Position % bytes.Count;
        int run = Math.Min(1 + (Value % 64), bytes.Count - position);
        switch (Kind)
        {
            case MutationKind.FlipBit:
                bytes[position] ^= (byte)(1 << (Value % 8));
                break;
            case MutationKind.Symbol:
                bytes[position] = (byte)Symbols[Value % Symbols.Length];
                break;
            case MutationKind.Truncate:
                bytes.RemoveRange(position, bytes.Count - position);
                break;
            case MutationKind.Remove:
                bytes.RemoveRange(position, run);
                break;
            case MutationKind.Repeat:
                bytes.InsertRange(position, bytes.GetRange(position, run));
                break;
            case MutationKind.Length:
                Overwrite(bytes, position, BitConverter.GetBytes(_lengths[Value % _lengths.Length])[..(Value % 2 == 0 ? 4 : 8)]);
                break;
            case MutationKind.Varint:
                bytes.InsertRange(position, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
                break;
            case MutationKind.Special:
                Overwrite(bytes, position, BitConverter.GetBytes(_floats[Value % _floats.Length]));
                break;
            case MutationKind.Number:
                ReplaceNumber(bytes, position);
                break;
            case MutationKind.Nest:
                int depth = Value % 50 == 0 ? 100_000 : Value % 100;
                byte[] bracket = Encoding.UTF8.GetBytes(Value % 3 == 0 ? "{\"a\":" : "[");
                bytes.InsertRange(position, Enumerable.Repeat(bracket, depth).SelectMany(b => b));
                break;
            case MutationKind.Duplicate:
                int quote = bytes.IndexOf((byte)'"', position);
                int comma = quote < 0 ? -1 : bytes.IndexOf((byte)',', quote);
                if (comma > 0)
                {
                    bytes.InsertRange(quote, bytes.GetRange(quote, comma + 1 - quote));
                }

                break;
            default:
                ReplaceWord(bytes, position);
                break;
        }
    }

    private static void Overwrite(List<byte> bytes, int position, byte[] with)
    {
        for (int i = 0; i < with.Length && position + i < bytes.Count; i++)
        {
            bytes[position + i] = with[i];
        }
    }

    private void ReplaceNumber(List<byte> bytes, int position)
    {
        int start = bytes.FindIndex(position, b => b is >= (byte)'0' and <= (byte)'9');
        if (start >= 0)
        {
            int end = start;
            while (end < bytes.Count && bytes[end] is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
            {
                end++;
            }

            bytes.RemoveRange(start, end - start);
            bytes.InsertRange(start, Encoding.UTF8.GetBytes(_numbers[Value % _numbers.Length]));
        }
    }

    private void ReplaceWord(List<byte> bytes, int position)
    {
        (int start, int end) = FindWord(bytes, position);
        (int other, int otherEnd) = FindWord(bytes, Value % bytes.Count);
        if (end > start && otherEnd > other)
        {
            List<byte> word = bytes.GetRange(other, otherEnd - other);
            bytes.RemoveRange(start, end - start);
            bytes.InsertRange(start, word);
        }
    }

    private static (int Start, int End) FindWord(List<byte> bytes, int position)
    {
        static bool IsLetter(byte b) => b is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (byte)'_';
        int start = bytes.FindIndex(position, IsLetter);
        int end = start;
        while (start >= 0 && end < bytes.Count && IsLetter(bytes[end]))
        {
            end++;
        }

        return (start, end);
    }
}
