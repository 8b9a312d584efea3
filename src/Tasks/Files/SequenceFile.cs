using SpanRnn.Tasks.Files;

namespace SpanRnn.Tasks;

/// <summary>
/// Sequences of a table, of a FASTA file or of the lines of a text. The text is UTF-8, or UTF-16 with a byte-order mark; a line ends in
/// CR LF, LF or CR. Blank lines are skipped.
/// </summary>
/// <remarks>
/// A file whose name ends in .csv, .tsv or .tab is a table, one that ends in .fa, .fas, .fasta, .fna or .faa is FASTA. Any other is FASTA
/// if its first character is &gt;, else text. The separator of a table is the one of comma, tab and semicolon that its first row has most
/// often. The first word behind &gt; is the identifier of a FASTA record.
/// </remarks>
public sealed class SequenceFile
{
    /// <summary>Most characters of a line, and of a row of a table.</summary>
    public const int LongestLine = 1_000_000;

    private readonly string? _separator;

    private SequenceFile(string name, IReadOnlyList<SequenceRecord> records)
    {
        (Name, Kind, Records, _separator) = (name, SequenceFileKind.Table, records, "commas");
        SequenceColumn = "sequence";
        LabelColumn = records.Any(record => record.Label is not null) ? "label" : null;
        IdentifierColumn = records.Any(record => record.Identifier is not null) ? "id" : null;
    }

    private SequenceFile(SequenceFile whole, IReadOnlyList<SequenceRecord> records)
    {
        (Name, Kind, Records, _separator) = (whole.Name, whole.Kind, records, whole._separator);
        (SequenceColumn, LabelColumn, IdentifierColumn) = (whole.SequenceColumn, whole.LabelColumn, whole.IdentifierColumn);
        OtherColumns = whole.OtherColumns;
    }

    private SequenceFile(string name, SequenceInput input)
    {
        Name = name;
        Records = [.. input.Records()];
        Kind = input.Kind;
        if (input.Columns is { } columns)
        {
            string[] names = input.Names;
            SequenceColumn = names[columns.Sequence];
            LabelColumn = columns.Label < 0 ? null : names[columns.Label];
            IdentifierColumn = columns.Identifier < 0 ? null : names[columns.Identifier];
            OtherColumns = [.. names.Where((_, i) => i != columns.Sequence && i != columns.Label && i != columns.Identifier)];
            _separator = input.Separator switch { ',' => "commas", '\t' => "tabs", _ => "semicolons" };
        }
    }

    /// <summary>The file as messages call it.</summary>
    public string Name { get; }

    /// <summary>Kind that the file was read as.</summary>
    public SequenceFileKind Kind { get; }

    /// <summary>The sequences in the order of the file, at least one.</summary>
    public IReadOnlyList<SequenceRecord> Records { get; }

    /// <summary>Column of the sequences; null if the file is no table.</summary>
    public string? SequenceColumn { get; }

    /// <summary>Column of the labels; null if the file is no table or has none.</summary>
    public string? LabelColumn { get; }

    /// <summary>Column of the identifiers: the only one called id, identifier, name or accession. Null if there is none.</summary>
    public string? IdentifierColumn { get; }

    /// <summary>Columns that are none of these, in the order of the table.</summary>
    public IReadOnlyList<string> OtherColumns { get; } = [];

    /// <summary>
    /// Sentence for people on how the file was read, such as "a.csv: 12 rows of a table with commas; sequences in 'seq', no labels.".
    /// </summary>
    public string Description => Kind switch
    {
        SequenceFileKind.Table => $"{Name}: {Count("row")} of a table with {_separator}; sequences in {Quoted.Text(SequenceColumn!)}, "
            + (LabelColumn is null ? "no labels." : $"labels in {Quoted.Text(LabelColumn)}."),
        SequenceFileKind.Fasta => $"{Name}: {Count("record")} of FASTA.",
        _ => $"{Name}: {Count("line")} of text, one sequence on each.",
    };

    /// <summary>Loads a file.</summary>
    /// <param name="path">The file; messages call it so.</param>
    /// <param name="options">Choices; null if the file tells.</param>
    /// <exception cref="ModelFormatException">
    /// The content is wrong: nothing in it, bytes that are not text, a line of more than <see cref="LongestLine"/> characters, a quote that
    /// is not closed, a row with another number of fields, a sequence that is missing, or columns that are not there or cannot be told.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SequenceFile Load(string path, SequenceFileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = SequenceInput.Open(path);
        return Read(stream, path, options);
    }

    /// <summary>Reads a file that is in memory.</summary>
    /// <param name="name">The file as messages shall call it; its ending may tell the kind.</param>
    /// <param name="bytes">Content of the file, not kept.</param>
    /// <param name="options">Choices; null if the file tells.</param>
    /// <exception cref="ModelFormatException">The content is wrong, as for <see cref="Load"/>.</exception>
    public static SequenceFile Parse(string name, ReadOnlySpan<byte> bytes, SequenceFileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        using var stream = new MemoryStream(bytes.ToArray());
        return Read(stream, name, options);
    }

    /// <summary>Finds the kind of a file by the ending of its name.</summary>
    /// <returns>The kind; null if the first character of the file tells.</returns>
    public static SequenceFileKind? KindOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".CSV" or ".TSV" or ".TAB" => SequenceFileKind.Table,
            ".FA" or ".FAS" or ".FASTA" or ".FNA" or ".FAA" => SequenceFileKind.Fasta,
            _ => null,
        };
    }

    /// <summary>Makes a file of records that a program has, such as those of <see cref="MadeSequences"/>.</summary>
    /// <param name="records">The records, at least one.</param>
    /// <param name="name">The file as messages call it.</param>
    /// <returns>A file of the kind of a table with the columns sequence and, if any record has one, label and id.</returns>
    /// <exception cref="ArgumentException">There are no records.</exception>
    public static SequenceFile Made(IReadOnlyList<SequenceRecord> records, string name = "the sequences")
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(name);
        return records.Count > 0
            ? new SequenceFile(name, records)
            : throw new ArgumentException("'records' is empty, expected at least one record.", nameof(records));
    }

    /// <summary>Takes some records, such as those of a <see cref="Split"/>, as a file of the same name and columns.</summary>
    /// <param name="rows">Indexes of the records, at least one.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such record.</exception>
    public SequenceFile Part(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
        {
            throw new ArgumentException("'rows' is empty, expected at least one record.", nameof(rows));
        }

        return With([.. rows.Select(row => (uint)row < (uint)Records.Count
            ? Records[row]
            : throw new ArgumentOutOfRangeException(nameof(rows), $"'rows' has {row}, expected 0 to {Records.Count - 1}."))]);
    }

    /// <summary>Makes a file of the same name and columns that has other records.</summary>
    internal SequenceFile With(IReadOnlyList<SequenceRecord> records) => new(this, records);

    private static SequenceFile Read(Stream stream, string name, SequenceFileOptions? options)
    {
        using var input = new SequenceInput(stream, name, options);
        return new SequenceFile(name, input);
    }

    private string Count(string what) => $"{Records.Count} {what}{(Records.Count == 1 ? "" : "s")}";
}
