using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace SpanRnn.Tasks.Files;

/// <summary>Text of a file's bytes: UTF-8 with or without a byte-order mark, or UTF-16 with one. Nothing is replaced.</summary>
internal static class TextDecoder
{
    public static string Decode(string file, ReadOnlySpan<byte> bytes)
    {
        string text = bytes switch
        {
            [0xEF, 0xBB, 0xBF, .. var rest] => Utf8Text(file, rest),
            [0xFF, 0xFE, .. var rest] => Utf16Text(file, rest, isBigEndian: false),
            [0xFE, 0xFF, .. var rest] => Utf16Text(file, rest, isBigEndian: true),
            _ => Utf8Text(file, bytes),
        };
        int nothing = text.IndexOf('\0', StringComparison.Ordinal);
        return nothing < 0 ? text : throw new ModelFormatException(
            file, $"line {LineAt(text, nothing)} has a character of value 0, expected text; UTF-16 needs a byte-order mark.");
    }

    private static string Utf8Text(string file, ReadOnlySpan<byte> bytes)
    {
        // UTF-16 never has more units than UTF-8 has bytes.
        char[] characters = new char[bytes.Length];
        OperationStatus status = Utf8.ToUtf16(bytes, characters, out int read, out int written, replaceInvalidSequences: false);
        string text = new(characters, 0, written);
        return status == OperationStatus.Done ? text : throw new ModelFormatException(
            file, $"line {LineAt(text, written)} has the byte 0x{bytes[read]:X2} that is not UTF-8, expected a file saved as UTF-8.");
    }

    private static string Utf16Text(string file, ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        char[] characters = MemoryMarshal.Cast<byte, char>(bytes).ToArray();
        if (isBigEndian == BitConverter.IsLittleEndian)
        {
            Span<ushort> units = MemoryMarshal.Cast<char, ushort>(characters.AsSpan());
            BinaryPrimitives.ReverseEndianness(units, units);
        }

        string text = new(characters);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (char.IsSurrogate(text[i]) && !isPair)
            {
                throw new ModelFormatException(file, $"line {LineAt(text, i)} has half a pair of UTF-16, expected both halves.");
            }

            i += isPair ? 1 : 0;
        }

        return bytes.Length % 2 == 0 ? text : throw new ModelFormatException(
            file, $"line {LineAt(text, text.Length)} ends in half a character of UTF-16, expected an even number of bytes.");
    }

    private static int LineAt(string text, int index) => TextLines.Of(text[..index] + "x").Last().Number;
}
