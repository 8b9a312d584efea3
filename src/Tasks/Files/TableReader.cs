using nietras.SeparatedValues;

namespace SpanRnn.Tasks.Files;

/// <summary>Rows of a table. Quotes of fields are removed; a quoted field may have separators, line ends and doubled quotes.</summary>
internal sealed class TableReader : IDisposable
{
    /// <summary>Separators that are known, in the order in which a tie is decided.</summary>
    private static readonly char[] _separators = [',', '\t', ';'];

    private readonly string _file;
    private readonly SepReader _reader;

    /// <summary>Reads the names of the columns; blank lines are skipped.</summary>
    public TableReader(string file, TextReader text)
    {
        _file = file;
        var checkedText = new TableText(file, text);
        Separator = SeparatorOf(checkedText.FirstRow());
        _reader = Sep.New(Separator)
            .Reader(options => options with { HasHeader = false, DisableColCountCheck = true, Unescape = true })
            .From(checkedText);
        Names = Next() ? [.. Enumerable.Range(0, _reader.Current.ColCount).Select(Name)] : [];
    }

    /// <summary>Names of the columns; none if there is nothing in the file.</summary>
    public string[] Names { get; }

    /// <summary>The separator, of those that are known the one that the first row has most often.</summary>
    public char Separator { get; }

    /// <summary>Reads rows that are not blank, each into fields of the columns that are asked for.</summary>
    /// <param name="columns">The columns; -1 for none.</param>
    public IEnumerable<(int Line, string?[] Fields)> Rows(params int[] columns)
    {
        while (Next())
        {
            yield return Fields(columns);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static char SeparatorOf(ReadOnlySpan<char> row)
    {
        int[] counts = new int[_separators.Length];
        bool isQuoted = false;
        foreach (char c in row)
        {
            isQuoted ^= c == '"';
            int index = isQuoted ? -1 : Array.IndexOf(_separators, c);
            if (index >= 0)
            {
                counts[index]++;
            }
        }

        return _separators[Array.IndexOf(counts, counts.Max())];
    }

    private bool Next()
    {
        while (_reader.MoveNext())
        {
            SepReader.Row row = _reader.Current;
            if (row.ColCount > 1 || !row.Span.IsWhiteSpace())
            {
                return true;
            }
        }

        return false;
    }

    private string Name(int column) => _reader.Current[column].ToString().Trim();

    private (int Line, string?[] Fields) Fields(int[] columns)
    {
        SepReader.Row row = _reader.Current;
        if (row.ColCount != Names.Length)
        {
            throw new ModelFormatException(
                _file,
                $"line {row.LineNumberFrom} has {row.ColCount} field{(row.ColCount == 1 ? "" : "s")}, "
                + $"expected {Names.Length} as in the first row.");
        }

        string?[] fields = new string?[columns.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            fields[i] = columns[i] < 0 ? null : row[columns[i]].ToString();
        }

        return (row.LineNumberFrom, fields);
    }
}
