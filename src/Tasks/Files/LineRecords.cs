using System.Text;

namespace SpanRnn.Tasks.Files;

/// <summary>
/// Records of lines: of a text each line, of FASTA the lines from one that starts with &gt; to the next. White space inside a sequence of
/// FASTA is dropped, letters keep their case.
/// </summary>
/// <param name="file">The file as messages call it.</param>
/// <param name="kind">Text or FASTA; null: the first character tells.</param>
/// <param name="keepsEmpty">
/// True if a line or record without a sequence is a record; false if blank lines are skipped, and an empty record of FASTA is an error.
/// </param>
internal sealed class LineRecords(string file, SequenceFileKind? kind, bool keepsEmpty)
{
    /// <summary>Text or FASTA; null until the first line that is not blank.</summary>
    public SequenceFileKind? Kind { get; private set; } = kind;

    public IEnumerable<SequenceRecord> Of(IEnumerable<(int Number, string Text)> lines)
    {
        string? header = null;
        int start = 0;
        var sequence = new StringBuilder();
        foreach ((int number, string line) in lines)
        {
            Kind ??= string.IsNullOrWhiteSpace(line) ? null
                : line.AsSpan().TrimStart()[0] == '>' ? SequenceFileKind.Fasta
                : SequenceFileKind.Text;
            if (Kind != SequenceFileKind.Fasta)
            {
                if (keepsEmpty || !string.IsNullOrWhiteSpace(line))
                {
                    yield return new SequenceRecord(null, line, null, number);
                }
            }
            else if (line.StartsWith('>'))
            {
                if (header is not null)
                {
                    yield return Record(header, sequence, start);
                }

                (header, start) = (line[1..].Trim(), number);
                sequence.Clear();
            }
            else
            {
                Append(sequence, line);
                if (header is null && sequence.Length > 0)
                {
                    throw new ModelFormatException(
                        file, $"line {number} comes before the first record, expected a line that starts with '>'.");
                }
            }
        }

        if (header is not null)
        {
            yield return Record(header, sequence, start);
        }
    }

    private static void Append(StringBuilder sequence, ReadOnlySpan<char> line)
    {
        while (!line.IsEmpty)
        {
            line = line.TrimStart();
            int length = 0;
            while (length < line.Length && !char.IsWhiteSpace(line[length]))
            {
                length++;
            }

            sequence.Append(line[..length]);
            line = line[length..];
        }
    }

    private SequenceRecord Record(string header, StringBuilder sequence, int line)
    {
        string identifier = header.Split((char[]?)null, 2)[0];
        return keepsEmpty || sequence.Length > 0
            ? new SequenceRecord(identifier.Length == 0 ? null : identifier, sequence.ToString(), null, line)
            : throw new ModelFormatException(
                file, $"line {line} begins the record {Quoted.Text(header)} without a sequence, expected one.");
    }
}
