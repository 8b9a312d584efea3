using System.Text;

namespace SpanRnn.Tasks.Files;

/// <summary>Records of a FASTA file. White space inside a sequence is dropped, letters keep their case.</summary>
internal static class FastaReader
{
    public static IEnumerable<SequenceRecord> Read(string file, string text)
    {
        string? header = null;
        int start = 0;
        var sequence = new StringBuilder();
        foreach ((int number, string line) in TextLines.Within(file, text))
        {
            if (line.StartsWith('>'))
            {
                if (header is not null)
                {
                    yield return Record(file, header, sequence, start);
                }

                (header, start) = (line[1..].Trim(), number);
                sequence.Clear();
                continue;
            }

            string part = string.Concat(line.Where(c => !char.IsWhiteSpace(c)));
            if (header is null && part.Length > 0)
            {
                throw new ModelFormatException(file, $"line {number} comes before the first record, expected a line that starts with '>'.");
            }

            sequence.Append(part);
        }

        if (header is not null)
        {
            yield return Record(file, header, sequence, start);
        }
    }

    private static SequenceRecord Record(string file, string header, StringBuilder sequence, int line)
    {
        string identifier = header.Split((char[]?)null, 2)[0];
        return sequence.Length > 0
            ? new SequenceRecord(identifier.Length == 0 ? null : identifier, sequence.ToString(), null, line)
            : throw new ModelFormatException(
                file, $"line {line} begins the record {Quoted.Text(header)} without a sequence, expected one.");
    }
}
