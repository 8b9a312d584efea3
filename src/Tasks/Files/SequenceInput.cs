namespace SpanRnn.Tasks.Files;

/// <summary>Sequences of a stream, read once from its start to its end: how they are read, and the records one by one.</summary>
internal sealed class SequenceInput : IDisposable
{
    private readonly string _name;
    private readonly Stream _stream;
    private readonly bool _keepsEmpty;
    private readonly TextDecoder _text;
    private readonly LineRecords? _lines;
    private readonly TableReader? _table;

    /// <summary>Reads as much as it takes to know the columns of a table.</summary>
    /// <param name="stream">The stream; it is closed by <see cref="Dispose"/>.</param>
    /// <param name="name">The file as messages call it; its ending may tell the kind.</param>
    /// <param name="options">Choices; null if the file tells.</param>
    /// <param name="keepsEmpty">
    /// True if a line, record or row without a sequence is a record, and there may be none at all; false if blank lines are skipped, and
    /// all else is an error.
    /// </param>
    public SequenceInput(Stream stream, string name, SequenceFileOptions? options, bool keepsEmpty = false)
    {
        (_stream, _name, _keepsEmpty) = (stream, name, keepsEmpty);
        options ??= new SequenceFileOptions();
        SequenceFileKind? kind = options.Kind ?? SequenceFile.KindOf(name);
        long start = stream.CanSeek ? stream.Position : 0;
        _text = new TextDecoder(stream, name);
        if (!keepsEmpty && _text.Peek() < 0)
        {
            throw new ModelFormatException(name, "the file is empty, expected at least one sequence.");
        }

        if (kind == SequenceFileKind.Table)
        {
            _table = new TableReader(name, _text);
            ExpectAny(_table.Names.Length > 0);
            bool isRepeated = false;
            Columns = Columns.Of(name, _table.Names, options, column =>
            {
                isRepeated = true;
                using TableReader all = Again();
                return all.Rows(column).Select(row => row.Fields[0]).Distinct(StringComparer.Ordinal).Count();
            });
            if (isRepeated)
            {
                _table.Dispose();
                _table = Again();
            }
        }
        else if ((options.SequenceColumn ?? options.LabelColumn) is { } column)
        {
            throw new ModelFormatException(name, $"the column {Quoted.Text(column)} was chosen, but the file is no table.");
        }
        else
        {
            _lines = new LineRecords(name, kind, keepsEmpty);
        }

        TableReader Again()
        {
            if (!stream.CanSeek)
            {
                throw new ModelFormatException(
                    name, "which column has the sequences depends on all rows, and a pipe has them once; choose the column.");
            }

            stream.Position = start;
            return new TableReader(name, new TextDecoder(stream, name));
        }
    }

    /// <summary>Kind that the file is read as; that of a text without any sequence is text.</summary>
    public SequenceFileKind Kind => _table is not null ? SequenceFileKind.Table : _lines!.Kind ?? SequenceFileKind.Text;

    /// <summary>Separator of a table; null for none.</summary>
    public char? Separator => _table?.Separator;

    /// <summary>Names of a table's columns.</summary>
    public string[] Names => _table?.Names ?? [];

    /// <summary>Columns of a table; null for none.</summary>
    public Columns? Columns { get; }

    /// <summary>Opens a file or a pipe.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder, expected a file of sequences.");
        }

        // Another program may still write the file.
        return File.Exists(path)
            ? new FileStream(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 })
            : throw new FileNotFoundException($"'{path}' does not exist, expected a file of sequences.");
    }

    /// <summary>Reads the records, once.</summary>
    public IEnumerable<SequenceRecord> Records()
    {
        bool isAny = _keepsEmpty;
        foreach (SequenceRecord record in _table is null ? _lines!.Of(TextLines.Of(_name, _text)) : Rows(_table))
        {
            isAny = true;
            yield return record;
        }

        ExpectAny(isAny);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _table?.Dispose();
        _text.Dispose();
        _stream.Dispose();
    }

    private IEnumerable<SequenceRecord> Rows(TableReader table)
    {
        foreach ((int line, string?[] fields) in table.Rows(Columns!.Sequence, Columns.Label, Columns.Identifier))
        {
            string sequence = fields[0]!;
            yield return _keepsEmpty || sequence.Length > 0
                ? new SequenceRecord(Field(fields[2]), sequence, Field(fields[1]), line)
                : throw new ModelFormatException(
                    _name, $"line {line} has nothing in {Quoted.Text(Names[Columns.Sequence])}, expected a sequence.");
        }

        // Blanks around a separator are no part of a label; what they are in a sequence, the alphabet tells.
        static string? Field(string? field) => string.IsNullOrWhiteSpace(field) ? null : field.Trim();
    }

    private void ExpectAny(bool isAny)
    {
        if (!isAny)
        {
            throw new ModelFormatException(_name, "line 1 is the last one and no sequence was found, expected at least one.");
        }
    }
}
