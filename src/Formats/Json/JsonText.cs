using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Json;

/// <summary>
/// A JSON text that is read piece by piece. Long runs of numbers in its arrays become floats at once, and the rest stays text, so a file of
/// weights takes less memory than it has bytes.
/// </summary>
/// <remarks>
/// In the text a number "-0e-K" takes the place of run K. A number that the file writes so is 0, and is written as -0.
/// </remarks>
internal sealed class JsonText
{
    // Sizes of layers and the like stay text.
    private const int ShortestRun = 8;

    // 64 KiB: longer runs are several ones.
    private const int LongestRun = 1 << 14;

    private const int FirstPiece = 1 << 16;

    // Digits of the index of a run.
    private const int LongestIndex = 10;

    private readonly JsonReaderOptions _options;
    private readonly List<float[]> _runs = [];
    private readonly ArrayBufferWriter<byte> _text = new();
    private float[] _run = new float[LongestRun];
    private int _count;

    // The numbers of a run that may yet be too short, as text.
    private readonly ArrayBufferWriter<byte> _pending = new();

    private byte _last;

    private JsonText(int deepest)
    {
        _options = new JsonReaderOptions { MaxDepth = deepest };
    }

    /// <summary>The bytes that a text in UTF-8 may begin with.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Mark => "-0e-"u8;

    /// <summary>The text without the runs.</summary>
    public ReadOnlyMemory<byte> Text => _text.WrittenMemory;

    /// <summary>Reads a file in UTF-8, with or without a byte order mark.</summary>
    /// <param name="file">The file, of which nothing was read.</param>
    /// <param name="deepest">The deepest nesting.</param>
    /// <exception cref="JsonException">The file is not JSON; the exception says where.</exception>
    public static JsonText Read(InputFile file, int deepest)
    {
        var text = new JsonText(deepest);
        text.ReadPieces(file);
        return text;
    }

    /// <summary>Finds the run that a number of the text takes the place of; empty if it is a number itself.</summary>
    public ReadOnlySpan<float> Run(JsonElement number)
    {
        ReadOnlySpan<byte> raw = number.ValueKind == JsonValueKind.Number ? JsonMarshal.GetRawUtf8Value(number) : default;
        return raw.StartsWith(Mark) && Utf8Parser.TryParse(raw[Mark.Length..], out int index, out _) ? _runs[index] : default;
    }

    private void ReadPieces(InputFile file)
    {
        byte[] piece = new byte[FirstPiece];
        int count = 0;
        if (file.Head.StartsWith(ByteOrderMark))
        {
            file.Read(piece.AsSpan(0, ByteOrderMark.Length));
        }

        var state = new JsonReaderState(_options);
        bool isEnd = false;
        while (!isEnd)
        {
            if (count == piece.Length)
            {
                // A text longer than the piece.
                Array.Resize(ref piece, checked(2 * piece.Length));
            }

            int read = file.Read(piece.AsSpan(count));
            isEnd = read == 0;
            count += read;
            var reader = new Utf8JsonReader(piece.AsSpan(0, count), isEnd, state);
            while (reader.Read())
            {
                Take(ref reader);
            }

            state = reader.CurrentState;
            int used = (int)reader.BytesConsumed;
            piece.AsSpan(used, count - used).CopyTo(piece);
            count -= used;
        }

        EndRun();
    }

    private void Take(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float number) && float.IsFinite(number))
        {
            TakeNumber(reader.ValueSpan, number);
            return;
        }

        EndRun();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
            case JsonTokenType.StartArray:
                Separate();
                Write(reader.ValueSpan);
                break;
            case JsonTokenType.EndObject:
            case JsonTokenType.EndArray:
                Write(reader.ValueSpan);
                break;
            case JsonTokenType.PropertyName:
                WriteQuoted(reader.ValueSpan);
                Write(":"u8);
                break;
            case JsonTokenType.String:
                WriteQuoted(reader.ValueSpan);
                break;
            default:
                Separate();
                Write(reader.ValueSpan);
                break;
        }
    }

    private void TakeNumber(ReadOnlySpan<byte> raw, float number)
    {
        if (_count < ShortestRun)
        {
            if (_count > 0)
            {
                _pending.Write(","u8);
            }

            _pending.Write(raw.StartsWith(Mark) ? "-0"u8 : raw);
        }

        _run[_count++] = number;
        if (_count == LongestRun)
        {
            EndRun();
        }
    }

    private void EndRun()
    {
        if (_count == 0)
        {
            return;
        }

        Separate();
        if (_count < ShortestRun)
        {
            Write(_pending.WrittenSpan);
        }
        else
        {
            Write(Mark);
            Utf8Formatter.TryFormat(_runs.Count, _text.GetSpan(LongestIndex), out int digits);
            _text.Advance(digits);
            bool isFull = _count == LongestRun;
            _runs.Add(isFull ? _run : _run[.._count]);
            _run = isFull ? new float[LongestRun] : _run;
        }

        _pending.ResetWrittenCount();
        _count = 0;
    }

    // A value follows another one, unless it is the first one or follows its name.
    private void Separate()
    {
        if (_last is not (0 or (byte)'[' or (byte)'{' or (byte)':'))
        {
            _text.Write(","u8);
        }
    }

    private void WriteQuoted(ReadOnlySpan<byte> raw)
    {
        Separate();
        Write("\""u8);
        Write(raw);
        Write("\""u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _text.Write(bytes);
        _last = bytes.IsEmpty ? _last : bytes[^1];
    }
}
