using nietras.SeparatedValues;

namespace SpanRnn.Tasks.Files;

/// <summary>Rows of a table. Quotes of fields are removed; a quoted field may have separators, line ends and doubled quotes.</summary>
internal static class TableReader
{
    /// <summary>Separators that are known, in the order in which a tie is decided.</summary>
    private static readonly char[] _separators = [',', '\t', ';'];

    /// <summary>Reads names and rows; blank lines are skipped.</summary>
    public static (string[] Names, List<(int Line, string[] Fields)> Rows, char Separator) Read(string file, string text)
    {
        CheckQuotesAndLengths(file, text);
        char separator = Separator(text);
        string[]? names = null;
        List<(int, string[])> rows = [];
        using SepReader reader = Sep.New(separator)
            .Reader(options => options with { HasHeader = false, DisableColCountCheck = true, Unescape = true })
            .FromText(text);
        foreach (SepReader.Row row in reader)
        {
            if (row.Span.IsWhiteSpace() && row.ColCount == 1)
            {
                continue;
            }

            string[] fields = new string[row.ColCount];
            for (int i = 0; i < fields.Length; i++)
            {
                fields[i] = row[i].ToString();
            }

            if (names is null)
            {
                names = [.. fields.Select(name => name.Trim())];
            }
            else if (fields.Length != names.Length)
            {
                throw new ModelFormatException(
                    file,
                    $"line {row.LineNumberFrom} has {fields.Length} field{(fields.Length == 1 ? "" : "s")}, "
                    + $"expected {names.Length} as in the first row.");
            }
            else
            {
                rows.Add((row.LineNumberFrom, fields));
            }
        }

        return (names ?? [], rows, separator);
    }

    // The separator that the first row has most often outside quotes.
    private static char Separator(string text)
    {
        int[] counts = new int[_separators.Length];
        bool isQuoted = false;
        foreach (char c in text.AsSpan().TrimStart())
        {
            isQuoted ^= c == '"';
            if (!isQuoted && c is '\r' or '\n')
            {
                break;
            }

            int index = isQuoted ? -1 : Array.IndexOf(_separators, c);
            if (index >= 0)
            {
                counts[index]++;
            }
        }

        return _separators[Array.IndexOf(counts, counts.Max())];
    }

    // A quote that is never closed would make the rest of the file one field.
    private static void CheckQuotesAndLengths(string file, string text)
    {
        int opened = 0;
        int length = 0;
        foreach ((int number, string line) in TextLines.Of(text))
        {
            length = (opened > 0 ? length : 0) + line.Length;
            if (length > SequenceFile.LongestLine)
            {
                throw new ModelFormatException(file, opened > 0
                    ? $"line {opened} opens a quote that is not closed within {SequenceFile.LongestLine} characters, expected its end."
                    : $"line {number} has {line.Length} characters, expected at most {SequenceFile.LongestLine}.");
            }

            if (line.AsSpan().Count('"') % 2 == 1)
            {
                opened = opened > 0 ? 0 : number;
            }
        }

        if (opened > 0)
        {
            throw new ModelFormatException(file, $"line {opened} opens a quote that is never closed, expected its end.");
        }
    }
}
