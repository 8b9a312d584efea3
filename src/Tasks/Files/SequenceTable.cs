using System.Buffers;

namespace SpanRnn.Tasks;

/// <summary>Writes records as a table that <see cref="SequenceFile"/> reads without being told how.</summary>
public static class SequenceTable
{
    private static readonly SearchValues<char> _quoted = SearchValues.Create(",\"\r\n");

    /// <summary>
    /// Writes a row of names and a row for each record, separated by commas, each ending in LF: the columns id and label, if any record has
    /// one, then sequence. Fields with commas, quotes or line ends are in quotes.
    /// </summary>
    /// <param name="writer">Receives the table; it stays open.</param>
    /// <param name="records">The records; their lines are not used.</param>
    public static void Write(TextWriter writer, IReadOnlyList<SequenceRecord> records)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(records);
        bool hasIdentifiers = records.Any(record => record.Identifier is not null);
        bool hasLabels = records.Any(record => record.Label is not null);
        WriteRow(writer, hasIdentifiers ? "id" : null, hasLabels ? "label" : null, "sequence");
        foreach (SequenceRecord record in records)
        {
            WriteRow(
                writer,
                hasIdentifiers ? record.Identifier ?? string.Empty : null,
                hasLabels ? record.Label ?? string.Empty : null,
                record.Sequence);
        }
    }

    /// <summary>Writes a field of a table with commas: one with commas, quotes or line ends is in quotes.</summary>
    public static string Field(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAny(_quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static void WriteRow(TextWriter writer, string? identifier, string? label, string sequence)
    {
        foreach (string? field in new[] { identifier, label })
        {
            if (field is not null)
            {
                writer.Write(Field(field));
                writer.Write(',');
            }
        }

        // A blank row would be skipped.
        writer.Write(string.IsNullOrWhiteSpace(sequence) ? $"\"{sequence}\"" : Field(sequence));
        writer.Write('\n');
    }
}
