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
    // The longest number, such as -1.2345678E-38, and a comma.
    private const int LongestNumber = 16;

    private readonly char[] _row = new char[(size * LongestNumber) + 1];
    private bool _isBegun;
    private bool _hasIdentifiers;

    /// <summary>Writes a block. Whether any record of the first one has an identifier decides on the first column of CSV.</summary>
    public void Write(IReadOnlyList<SequenceRecord> records, float[] vectors)
    {
        if (!_isBegun && !asJson)
        {
            _hasIdentifiers = records.Any(record => record.Identifier is not null);
            writer.Write(_hasIdentifiers ? "id" : "line");
            writer.Write(string.Concat(Enumerable.Range(0, size).Select(i => $",v{i}")) + "\n");
        }

        _isBegun = true;
        for (int i = 0; i < records.Count; i++)
        {
            if (asJson)
            {
                writer.Write(Json(records[i], vectors, i * size, size));
                writer.Write('\n');
            }
            else
            {
                WriteRow(records[i], vectors.AsSpan(i * size, size));
            }
        }
    }

    private void WriteRow(SequenceRecord record, ReadOnlySpan<float> vector)
    {
        writer.Write(_hasIdentifiers
            ? SequenceTable.Field(record.Identifier ?? string.Empty)
            : record.Line.ToString(CultureInfo.InvariantCulture));
        int end = 0;
        foreach (float value in vector)
        {
            _row[end++] = ',';
            value.TryFormat(_row.AsSpan(end), out int count, default, CultureInfo.InvariantCulture);
            end += count;
        }

        _row[end++] = '\n';
        writer.Write(_row, 0, end);
    }

    private static string Json(SequenceRecord record, float[] vectors, int start, int size) => JsonLine.Of(json =>
    {
        if (record.Identifier is not null)
        {
            json.WriteString("id", record.Identifier);
        }

        json.WriteNumber("line", record.Line);
        json.WriteStartArray("vector");
        foreach (float value in vectors.AsSpan(start, size))
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    });
}
