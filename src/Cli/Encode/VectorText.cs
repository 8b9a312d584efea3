using System.Buffers;
using System.Globalization;
using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Encode;

/// <summary>Vectors as text: CSV with a row of names, or an object of JSON on each line.</summary>
/// <param name="writer">Receives the text.</param>
/// <param name="size">Numbers of a vector.</param>
/// <param name="asJson">True for JSON.</param>
internal sealed class VectorText(TextWriter writer, int size, bool asJson)
{
    // Characters that are written at a time.
    private const int Piece = 1 << 16;

    private readonly ArrayBufferWriter<char> _text = new(Piece);
    private bool _isBegun;
    private bool _hasIdentifiers;

    /// <summary>Writes a block. Whether any record of the first one has an identifier decides on the first column of CSV.</summary>
    public void Write(IReadOnlyList<SequenceRecord> records, float[] vectors)
    {
        if (!_isBegun && !asJson)
        {
            _hasIdentifiers = records.Any(record => record.Identifier is not null);
            _text.Write(_hasIdentifiers ? "id" : "line");
            _text.Write(string.Concat(Enumerable.Range(0, size).Select(i => $",v{i}")));
            _text.Write("\n");
        }

        _isBegun = true;
        for (int i = 0; i < records.Count; i++)
        {
            ReadOnlyMemory<float> vector = vectors.AsMemory(i * size, size);
            if (asJson)
            {
                _text.Write(Json(records[i], vector));
            }
            else
            {
                WriteRow(records[i], vector.Span);
            }

            _text.Write("\n");
            if (_text.WrittenCount > Piece || i == records.Count - 1)
            {
                writer.Write(_text.WrittenSpan);
                _text.ResetWrittenCount();
            }
        }
    }

    private static string Json(SequenceRecord record, ReadOnlyMemory<float> vector) => JsonLine.Of(json =>
    {
        if (record.Identifier is not null)
        {
            json.WriteString("id", record.Identifier);
        }

        json.WriteNumber("line", record.Line);
        json.WriteStartArray("vector");
        Span<char> number = stackalloc char[ShortestNumber.Longest];
        foreach (float value in vector.Span)
        {
            if (float.IsFinite(value))
            {
                json.WriteRawValue(number[..ShortestNumber.Write(value, number)], skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    });

    private void WriteRow(SequenceRecord record, ReadOnlySpan<float> vector)
    {
        _text.Write(_hasIdentifiers
            ? SequenceTable.Field(record.Identifier ?? string.Empty)
            : record.Line.ToString(CultureInfo.InvariantCulture));
        foreach (float value in vector)
        {
            Span<char> number = _text.GetSpan(1 + ShortestNumber.Longest);
            number[0] = ',';
            _text.Advance(1 + ShortestNumber.Write(value, number[1..]));
        }
    }
}
