using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace SpanRnn.Tasks.Files;

/// <summary>
/// Text of a stream's bytes, as soon as they come: UTF-8 with or without a byte-order mark, or UTF-16 with one. Nothing is replaced: bytes
/// that are no text are an error with their line. The stream stays open.
/// </summary>
internal sealed class TextDecoder(Stream stream, string file) : TextReader
{
    private const int Size = 1 << 15;

    private readonly byte[] _bytes = new byte[Size];
    private readonly char[] _characters = new char[Size];
    private Form _form;
    private int _byte;
    private int _byteEnd;
    private int _character;
    private int _characterEnd;
    private int _lineEnds;
    private bool _endsInReturn;

    private enum Form
    {
        Unknown,
        Utf8,
        Utf16,
        Utf16BigEndian,
    }

    private int Line => _lineEnds + 1;

    /// <inheritdoc/>
    public override int Peek() => Fill() ? _characters[_character] : -1;

    /// <inheritdoc/>
    public override int Read() => Fill() ? _characters[_character++] : -1;

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <summary>Reads what has come: fewer characters than there is room for, and none only at the end.</summary>
    public override int Read(Span<char> buffer)
    {
        int count = Fill() ? Math.Min(buffer.Length, _characterEnd - _character) : 0;
        _characters.AsSpan(_character, count).CopyTo(buffer);
        _character += count;
        return count;
    }

    private bool Fill()
    {
        if (_character < _characterEnd)
        {
            return true;
        }

        if (_form == Form.Unknown)
        {
            FindForm();
        }

        // Bytes before a wrong one are given first.
        (_character, _characterEnd) = (0, _form == Form.Utf8 ? DecodeUtf8() : DecodeUtf16());
        ReadOnlySpan<char> characters = _characters.AsSpan(0, _characterEnd);
        int nothing = characters.IndexOf('\0');
        CountLines(nothing < 0 ? characters : characters[..nothing]);
        return nothing < 0 ? _characterEnd > 0 : throw new ModelFormatException(
            file, $"line {Line} has a character of value 0, expected text; UTF-16 needs a byte-order mark.");
    }

    private void FindForm()
    {
        bool mayBeMark = true;
        while (mayBeMark && _byteEnd < 3 && More())
        {
            // Text without a mark is not kept waiting for three bytes.
            mayBeMark = _bytes[0] is 0xEF or 0xFE or 0xFF;
        }

        (_form, _byte) = _bytes.AsSpan(0, _byteEnd) switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Form.Utf8, 3),
            [0xFF, 0xFE, ..] => (Form.Utf16, 2),
            [0xFE, 0xFF, ..] => (Form.Utf16BigEndian, 2),
            _ => (Form.Utf8, 0),
        };
    }

    private int DecodeUtf8()
    {
        bool isEnd = _byte == _byteEnd && !More();
        while (_byte < _byteEnd)
        {
            OperationStatus status = Utf8.ToUtf16(
                _bytes.AsSpan(_byte, _byteEnd - _byte),
                _characters,
                out int read,
                out int written,
                replaceInvalidSequences: false,
                isFinalBlock: isEnd);
            _byte += read;
            if (written > 0)
            {
                return written;
            }

            if (status == OperationStatus.InvalidData)
            {
                throw new ModelFormatException(
                    file, $"line {Line} has the byte 0x{_bytes[_byte]:X2} that is not UTF-8, expected a file saved as UTF-8.");
            }

            isEnd = !More();
        }

        return 0;
    }

    private int DecodeUtf16()
    {
        while (_byteEnd - _byte >= 2 || More())
        {
            ReadOnlySpan<byte> bytes = _bytes.AsSpan(_byte, (_byteEnd - _byte) / 2 * 2);
            Span<char> characters = _characters.AsSpan(0, bytes.Length / 2);
            bytes.CopyTo(MemoryMarshal.AsBytes(characters));
            if ((_form == Form.Utf16BigEndian) == BitConverter.IsLittleEndian)
            {
                Span<ushort> units = MemoryMarshal.Cast<char, ushort>(characters);
                BinaryPrimitives.ReverseEndianness(units, units);
            }

            int whole = Whole(characters);
            if (whole > 0)
            {
                _byte += 2 * whole;
                return whole;
            }

            bool mayBeWhole = characters.Length == 0 || (characters.Length == 1 && char.IsHighSurrogate(characters[0]));
            if (!mayBeWhole || (characters.Length > 0 && !More()))
            {
                throw new ModelFormatException(file, $"line {Line} has half a pair of UTF-16, expected both halves.");
            }
        }

        return _byte == _byteEnd ? 0 : throw new ModelFormatException(
            file, $"line {Line} ends in half a character of UTF-16, expected an even number of bytes.");
    }

    // Characters before the first half of a pair that stands alone.
    private static int Whole(ReadOnlySpan<char> characters)
    {
        for (int i = 0; i < characters.Length;)
        {
            int half = characters[i..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (half < 0)
            {
                break;
            }

            i += half;
            if (i + 1 == characters.Length || !char.IsSurrogatePair(characters[i], characters[i + 1]))
            {
                return i;
            }

            i += 2;
        }

        return characters.Length;
    }

    // Reads bytes behind those that are left; false at the end.
    private bool More()
    {
        _bytes.AsSpan(_byte, _byteEnd - _byte).CopyTo(_bytes);
        (_byte, _byteEnd) = (0, _byteEnd - _byte);
        int count = stream.Read(_bytes.AsSpan(_byteEnd));
        _byteEnd += count;
        return count > 0;
    }

    private void CountLines(ReadOnlySpan<char> characters)
    {
        if (characters.Length == 0)
        {
            return;
        }

        int both = characters.Count("\r\n") + (_endsInReturn && characters[0] == '\n' ? 1 : 0);
        _lineEnds += characters.Count('\r') + characters.Count('\n') - both;
        _endsInReturn = characters[^1] == '\r';
    }
}
