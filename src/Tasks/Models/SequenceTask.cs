using System.Text;
using System.Text.Json;
using SpanRnn.Tasks.Files;
using SpanRnn.Tasks.Models;
using SpanRnn.Tasks.Symbols;

namespace SpanRnn.Tasks;

/// <summary>
/// A task on sequences: what goes in, what comes out, and how both are written. A model's file keeps it, so that whoever loads the model
/// needs nothing else. A task does not change, and any number of threads may use it.
/// </summary>
public sealed class SequenceTask
{
    /// <summary>Text of the label that stands for the end of a sequence, where the next symbol is predicted.</summary>
    public const string EndText = "<end>";

    /// <summary>Text of the label that stands for all symbols that are not in the alphabet.</summary>
    public const string UnknownText = "<unknown>";

    /// <summary>Records of more symbols than this on average are one running text when the next symbol is learned.</summary>
    private const int LongRecord = 1000;

    private readonly string[] _labels;
    private readonly Dictionary<string, int> _numberOf;

    // Blanks at the ends of a sequence are dropped where no symbol is a blank.
    private readonly bool _keepsBlanks;

    private SequenceTask(TaskKind kind, Alphabet? alphabet, NumberScale? scale, string[] labels)
    {
        (Kind, Alphabet, Scale, _labels) = (kind, alphabet, scale, labels);
        _keepsBlanks = alphabet is not null && alphabet.Symbols.Any(string.IsNullOrWhiteSpace);

        // A word of the alphabet may be written as the end or the unknown is.
        _numberOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < labels.Length; i++)
        {
            _numberOf.TryAdd(labels[i], i);
        }
    }

    /// <summary>Kind of the answer.</summary>
    public TaskKind Kind { get; }

    /// <summary>Symbols of the sequences, with the policy for those that are not among them; null if sequences are numbers.</summary>
    public Alphabet? Alphabet { get; }

    /// <summary>
    /// [K] labels in the order of the outputs: of a class, of a symbol or, where a symbol is predicted, the symbols themselves, for
    /// <see cref="TaskKind.Next"/> with <see cref="EndText"/> behind them. Empty for a number.
    /// </summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>
    /// True if the lines of a text, or very long records, are one running text, in which the next symbol is predicted across the ends of
    /// lines; false if every sequence stands alone.
    /// </summary>
    public bool IsRunningText { get; private init; }

    /// <summary>Column that had the sequences in the table of the training; null if it was no table.</summary>
    public string? SequenceColumn { get; private init; }

    /// <summary>Column that had the labels; null if there were none.</summary>
    public string? LabelColumn { get; private init; }

    /// <summary>Mean and deviation of the target numbers.</summary>
    internal NumberScale? TargetScale { get; private init; }

    /// <summary>Scale of sequences of numbers.</summary>
    internal NumberScale? Scale { get; }

    /// <summary>Size of a network's input: symbols, or features of a step.</summary>
    internal int InputSize => Scale is { } scale ? scale.Features : Alphabet!.Size + (Kind == TaskKind.Next ? 1 : 0);

    /// <summary>Size of a network's output.</summary>
    internal int OutputSize => Kind == TaskKind.Regress ? 1 : _labels.Length;

    /// <summary>Number of the symbol that begins and ends sequences whose next symbol is predicted.</summary>
    internal int End => Alphabet!.Size;

    /// <summary>True if there is one output per sequence, false if there is one per symbol.</summary>
    internal bool IsManyToOne => Kind is TaskKind.Classify or TaskKind.Regress or TaskKind.Last;

    /// <summary>Finds the task of a file, for training on it.</summary>
    /// <remarks>
    /// <para>Without labels the task is <see cref="TaskKind.Next"/>. With labels it is <see cref="TaskKind.Regress"/> if they are numbers
    /// and more than twenty differ, <see cref="TaskKind.Tag"/> if every label has one piece for each symbol, else
    /// <see cref="TaskKind.Classify"/>.</para>
    /// <para>Sequences of steps that are numbers, where white space or colons separate them, are numbers. Sequences of A, C, G and T or U
    /// are DNA or RNA, also with a tenth of N and other codes for several bases; those of the twenty capitals of amino acids are protein.
    /// Both may be in any case then. All others have the characters, or words, that are in the file.</para>
    /// </remarks>
    /// <param name="file">Sequences of the training.</param>
    /// <param name="kind">What the network shall do; null if the file tells.</param>
    /// <param name="unit">Pieces of a sequence; null if the file tells: numbers or characters.</param>
    /// <param name="allowsUnknown">
    /// True if symbols that the file has never, or once only, are one symbol, "unknown"; false if they are an error; null: true for words
    /// and false for characters.
    /// </param>
    /// <exception cref="ModelFormatException">
    /// The file does not fit: labels missing, all alike, no numbers; the message has the line.
    /// </exception>
    /// <exception cref="ArgumentException">The choices contradict each other.</exception>
    public static SequenceTask Of(SequenceFile file, TaskKind? kind = null, SymbolUnit? unit = null, bool? allowsUnknown = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        bool mayBeNumbers = kind is not (TaskKind.Last or TaskKind.Next);
        bool areNumbers = unit == SymbolUnit.Number || (unit is null && mayBeNumbers && AreNumbers(file));
        if (areNumbers && !mayBeNumbers)
        {
            throw new ArgumentException(
                $"'unit' is Number with {kind}, expected characters or words: numbers are no symbols.", nameof(unit));
        }

        SymbolUnit pieces = areNumbers ? SymbolUnit.Word : unit ?? SymbolUnit.Character;
        TaskKind own = kind ?? KindOf(file, pieces);
        if (areNumbers && own is TaskKind.Last or TaskKind.Next)
        {
            throw new ModelFormatException(
                file.Name, $"line {file.Records[0].Line} has numbers and no label, expected a label, or characters or words as symbols.");
        }

        NumberScale? scale = areNumbers ? ScaleOf(file) : null;
        Alphabet? alphabet = areNumbers ? null : AlphabetOf(file, pieces, allowsUnknown);
        string[] labels = own switch
        {
            TaskKind.Classify => Classes(file),
            TaskKind.Tag => Tags(file, pieces),
            TaskKind.Last => Symbols(alphabet!),
            TaskKind.Next => [.. Symbols(alphabet!), EndText],
            _ => [],
        };
        return new SequenceTask(own, alphabet, scale, labels)
        {
            IsRunningText = own == TaskKind.Next
                && (file.Kind == SequenceFileKind.Text || file.Records.Average(record => (double)record.Sequence.Length) > LongRecord),
            SequenceColumn = file.SequenceColumn,
            LabelColumn = own is TaskKind.Last or TaskKind.Next ? null : file.LabelColumn,
            TargetScale = own == TaskKind.Regress
                ? NumberScale.Of([.. file.Records.Select(record => new[] { Target(record, file.Name) })])
                : null,
        };
    }

    /// <summary>
    /// Loads sequences for this task: the columns of a table are those of the training, where it has them, else as
    /// <see cref="SequenceFile.Load"/> finds them.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Choices; null for none.</param>
    /// <inheritdoc cref="SequenceFile.Load" path="/exception"/>
    public SequenceFile Load(string path, SequenceFileOptions? options = null) => SequenceFile.Load(path, Preferring(options));

    /// <summary>
    /// Reads sequences for this task one by one: the columns of a table are those of the training, where it has them, else as
    /// <see cref="SequenceReader.Read(string, SequenceFileOptions?, bool)"/> finds them.
    /// </summary>
    /// <inheritdoc cref="SequenceReader.Read(string, SequenceFileOptions?, bool)"/>
    public IEnumerable<SequenceRecord> Read(string path, SequenceFileOptions? options = null, bool keepsEmpty = false) =>
        SequenceReader.Read(path, Preferring(options), keepsEmpty);

    /// <summary>Writes the task as one line of JSON, for the metadata of a model's file.</summary>
    public string ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("task", Kind.ToString());
            if (Alphabet is not null)
            {
                json.WritePropertyName("alphabet");
                json.WriteRawValue(Alphabet.ToJson());
            }

            Write(json, "numbers", Scale);
            Write(json, "target", TargetScale);
            if (Kind is TaskKind.Classify or TaskKind.Tag)
            {
                json.WriteStartArray("labels");
                foreach (string label in _labels)
                {
                    json.WriteStringValue(label);
                }

                json.WriteEndArray();
            }

            json.WriteBoolean("runningText", IsRunningText);
            json.WriteString("sequenceColumn", SequenceColumn);
            json.WriteString("labelColumn", LabelColumn);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Reads a task that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not such a task; the message says what is wrong.</exception>
    public static SequenceTask FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string name = root.GetProperty("task").GetString() ?? string.Empty;
            TaskKind? known = Enum.GetValues<TaskKind>()
                .Where(value => value.ToString() == name).Select(value => (TaskKind?)value).FirstOrDefault();
            TaskKind kind = known
                ?? throw new FormatException($"The task is '{name}', expected one of {string.Join(", ", Enum.GetNames<TaskKind>())}.");
            Alphabet? alphabet = root.TryGetProperty("alphabet", out JsonElement own) ? Alphabet.FromJson(own.GetRawText()) : null;
            NumberScale? scale = ScaleFrom(root, "numbers");
            if (alphabet is null == scale is null || (alphabet is null && kind is TaskKind.Last or TaskKind.Next))
            {
                throw new FormatException("The task has no alphabet or an alphabet and numbers, expected one of the two.");
            }

            string[] labels = kind switch
            {
                TaskKind.Last => Symbols(alphabet!),
                TaskKind.Next => [.. Symbols(alphabet!), EndText],
                TaskKind.Regress => [],
                _ => [.. root.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!)],
            };
            bool hasClasses = kind is TaskKind.Classify or TaskKind.Tag;
            if (hasClasses && (labels.Contains(null) || labels.Distinct().Count() != labels.Length || labels.Length < 2))
            {
                throw new FormatException("The task has no two different labels, or one that is no text, expected two or more.");
            }

            return new SequenceTask(kind, alphabet, scale, labels)
            {
                IsRunningText = root.GetProperty("runningText").GetBoolean(),
                SequenceColumn = root.GetProperty("sequenceColumn").GetString(),
                LabelColumn = root.GetProperty("labelColumn").GetString(),
                TargetScale = kind == TaskKind.Regress
                    ? ScaleFrom(root, "target") is { Features: 1 } target
                        ? target
                        : throw new FormatException("The task has no scale of its target, expected one.")
                    : null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException($"The task cannot be read, expected the JSON of SequenceTask.ToJson: {e.Message}", e);
        }
    }

    /// <summary>Encodes a sequence, or says in half a sentence what is wrong with it.</summary>
    internal EncodedSequence? TryEncode(string sequence, out string problem)
    {
        if (Scale is { } scale)
        {
            double[][]? steps = NumberScale.Parse(sequence, scale.Features, out problem);
            return steps is null ? null : new EncodedSequence([], scale.Scaled(steps), steps.Length);
        }

        int[]? symbols = Alphabet!.TryEncode(_keepsBlanks ? sequence : sequence.Trim(), out problem);
        return symbols is null ? null : new EncodedSequence(symbols, [], symbols.Length);
    }

    /// <summary>Encodes the sequence of a record.</summary>
    /// <exception cref="ModelFormatException">The sequence is wrong, or too short for the task.</exception>
    internal EncodedSequence Encode(SequenceRecord record, string file)
    {
        EncodedSequence encoded = TryEncode(record.Sequence, out string problem)
            ?? throw new ModelFormatException(file, $"line {record.Line}: the {problem.TrimEnd('.')}.");
        return encoded.Length >= (Kind == TaskKind.Last ? 2 : 1) ? encoded : throw new ModelFormatException(
            file, $"line {record.Line} has {(encoded.Length == 0 ? "no symbol" : "one symbol")}, expected {(Kind == TaskKind.Last
                ? "two or more, of which the last is predicted"
                : "at least one")}.");
    }

    /// <summary>Number of a symbol, or of the end, as it is written; -1 if there is none.</summary>
    internal int SymbolOf(string text) => _numberOf.TryGetValue(text, out int number) ? number : -1;

    /// <summary>Checks records in their order, so that the first wrong one is named.</summary>
    /// <param name="file">The records.</param>
    /// <param name="least">Fewest symbols that the network takes.</param>
    /// <exception cref="ModelFormatException">A record does not fit.</exception>
    internal void Check(SequenceFile file, int least)
    {
        least += Kind == TaskKind.Last ? 1 : 0;
        foreach (SequenceRecord record in file.Records)
        {
            int length = Encode(record, file.Name).Length;
            if (length < least)
            {
                throw new ModelFormatException(
                    file.Name, $"line {record.Line} has {length} symbols, expected at least {least} for the position that is read.");
            }

            switch (Kind)
            {
                case TaskKind.Classify:
                    Class(record, file.Name);
                    break;
                case TaskKind.Tag:
                    TagsOf(record, file.Name, length);
                    break;
                case TaskKind.Regress:
                    Target(record, file.Name);
                    break;
            }
        }
    }

    /// <summary>Number of a record's class.</summary>
    internal int Class(SequenceRecord record, string file) => record.Label is { } label && _numberOf.TryGetValue(label, out int number)
        ? number
        : throw new ModelFormatException(file, $"line {record.Line} has {Shown(record.Label)}, expected one of {List()}.");

    /// <summary>Numbers of the labels of a record's symbols.</summary>
    internal int[] TagsOf(SequenceRecord record, string file, int length)
    {
        string[] tags = [.. PiecesOf(record.Label ?? string.Empty, UnitOf(this))];
        if (tags.Length != length)
        {
            throw new ModelFormatException(
                file, $"line {record.Line} has {length} symbols and {tags.Length} labels, expected one label for each symbol.");
        }

        return [.. tags.Select(tag => _numberOf.TryGetValue(tag, out int number)
            ? number
            : throw new ModelFormatException(file, $"line {record.Line} has {Shown(tag)}, expected one of {List()}."))];
    }

    /// <summary>Target number of a record.</summary>
    internal static double Target(SequenceRecord record, string file) =>
        record.Label is { } label && NumberScale.Number(label) is { } number
            ? number
            : throw new ModelFormatException(file, $"line {record.Line} has {Shown(record.Label)}, expected a number.");

    /// <summary>Text between the labels of symbols in a table.</summary>
    internal string Separator => UnitOf(this) == SymbolUnit.Word ? " " : string.Empty;

    private SequenceFileOptions Preferring(SequenceFileOptions? options) =>
        (options ?? new SequenceFileOptions()) with { Preferred = (SequenceColumn, LabelColumn) };

    private static SymbolUnit UnitOf(SequenceTask task) => task.Alphabet?.Unit ?? SymbolUnit.Word;

    private static IEnumerable<string> PiecesOf(string text, SymbolUnit unit) => Pieces.Of(text, unit).Select(piece => piece.Text);

    private static string Shown(string? label) => label is null ? "no label" : $"the label {Quoted.Text(label)}";

    private static string[] Symbols(Alphabet alphabet) =>
        [.. alphabet.Symbols, .. alphabet.HasUnknown ? new[] { UnknownText } : []];

    private static bool AreNumbers(SequenceFile file)
    {
        // Most steps are numbers, so that one that is not is an error. Single numbers may be digits as symbols.
        int numbers = 0;
        bool areMany = false;
        foreach (SequenceRecord record in file.Records)
        {
            double[][]? steps = NumberScale.Parse(record.Sequence, 0, out _);
            numbers += steps is { Length: > 0 } ? 1 : 0;
            areMany |= steps is { Length: > 1 } || steps is [{ Length: > 1 }];
        }

        return areMany && 2 * numbers > file.Records.Count;
    }

    private static TaskKind KindOf(SequenceFile file, SymbolUnit unit)
    {
        const int MostClasses = 20;
        if (file.LabelColumn is null && file.OtherColumns.Count > 1)
        {
            throw new ModelFormatException(
                file.Name,
                $"line 1 has the columns {string.Join(", ", file.OtherColumns.Select(Quoted.Text))} besides the sequences, and each could "
                + "be the label; choose the column of the labels, or the task next or last, which need none.");
        }

        string?[] labels = [.. file.Records.Select(record => record.Label)];
        return labels.All(label => label is null) ? TaskKind.Next
            : labels.All(label => label is not null && NumberScale.Number(label) is not null) && labels.Distinct().Count() > MostClasses
                ? TaskKind.Regress
            : file.Records.All(record => PiecesOf(record.Sequence, unit).Count() is > 1 and var length
                && PiecesOf(record.Label ?? string.Empty, unit).Count() == length) ? TaskKind.Tag
            : TaskKind.Classify;
    }

    private static NumberScale ScaleOf(SequenceFile file)
    {
        List<double[]> rows = [];
        int features = 0;
        foreach (SequenceRecord record in file.Records)
        {
            double[][] steps = NumberScale.Parse(record.Sequence, features, out string problem)
                ?? throw new ModelFormatException(file.Name, $"line {record.Line}: the {problem}.");
            rows.AddRange(steps);
            features = steps.Length > 0 ? steps[0].Length : throw new ModelFormatException(
                file.Name, $"line {record.Line} has no numbers, expected at least one step.");
        }

        return NumberScale.Of(rows);
    }

    private static Alphabet AlphabetOf(SequenceFile file, SymbolUnit unit, bool? allowsUnknown)
    {
        string[] sequences = [.. file.Records.Select(record => record.Sequence.Trim())];
        if (unit == SymbolUnit.Character)
        {
            if (Bases(sequences) is { } bases)
            {
                return allowsUnknown == true ? bases.WithUnknown() : bases;
            }

            bool areCapitals = file.Kind == SequenceFileKind.Fasta || !sequences.Any(sequence => sequence.Any(char.IsAsciiLetterLower));
            if (areCapitals && Holds(Alphabet.Protein, sequences))
            {
                return allowsUnknown == true ? Alphabet.Protein.WithUnknown() : Alphabet.Protein;
            }
        }

        try
        {
            int? least = (unit, allowsUnknown) switch
            {
                (SymbolUnit.Word, false) => 1,
                (SymbolUnit.Character, true) => 2,
                _ => null,
            };
            var alphabet = Alphabet.Of(unit, sequences, least);
            return allowsUnknown switch
            {
                true => alphabet.WithUnknown(),
                false => new Alphabet(unit, alphabet.Symbols),
                _ => alphabet,
            };
        }
        catch (ArgumentException)
        {
            throw new ModelFormatException(
                file.Name,
                $"line {file.Records[^1].Line} is the last one and no {(unit == SymbolUnit.Word ? "word" : "character")} was found "
                    + "twice, expected symbols that repeat.");
        }
    }

    // DNA or RNA: nine of ten letters are bases, and all others codes for several (IUPAC 1970); null for anything else.
    private static Alphabet? Bases(string[] sequences)
    {
        const string Codes = "NRYSWKMBDHV";
        Dictionary<char, long> counts = [];
        foreach (char letter in sequences.SelectMany(sequence => sequence).Select(char.ToUpperInvariant))
        {
            counts[letter] = counts.GetValueOrDefault(letter) + 1;
        }

        string bases = counts.ContainsKey('U') && !counts.ContainsKey('T') ? "ACGU" : "ACGT";
        string codes = string.Concat(counts.Keys.Where(letter => !bases.Contains(letter, StringComparison.Ordinal)).Order());
        long known = bases.Sum(letter => counts.GetValueOrDefault(letter));
        return codes.All(letter => Codes.Contains(letter, StringComparison.Ordinal)) && 10 * known >= 9 * counts.Values.Sum()
            ? new Alphabet(SymbolUnit.Character, (bases + codes).Select(letter => letter.ToString()), ignoresCase: true)
            : null;
    }

    private static bool Holds(Alphabet alphabet, string[] sequences) =>
        sequences.All(sequence => alphabet.TryEncode(sequence, out _) is not null);

    private static string[] Classes(SequenceFile file)
    {
        ExpectLabels(file);
        string[] classes = [.. file.Records.Select(record => record.Label!).Distinct().Order(StringComparer.Ordinal)];
        return classes.Length > 1 ? classes : throw new ModelFormatException(
            file.Name,
            $"line {file.Records[^1].Line} is the last one and all labels are {Quoted.Text(classes[0])}, expected two classes or more.");
    }

    private static string[] Tags(SequenceFile file, SymbolUnit unit)
    {
        ExpectLabels(file);
        string[] tags = [.. file.Records.SelectMany(record => PiecesOf(record.Label!, unit)).Distinct().Order(StringComparer.Ordinal)];
        return tags.Length > 1 ? tags : throw new ModelFormatException(
            file.Name,
            $"line {file.Records[^1].Line} is the last one and all labels are {Quoted.Text(tags.FirstOrDefault(""))}, "
                + "expected two or more.");
    }

    private static void ExpectLabels(SequenceFile file)
    {
        SequenceRecord? missing = file.Records.FirstOrDefault(record => record.Label is null);
        if (missing is not null)
        {
            throw new ModelFormatException(
                file.Name, $"line {missing.Line} has no label, expected one{(file.LabelColumn is null
                    ? "; choose the column of the labels of a table, or the task next or last, which need none"
                    : $" in {Quoted.Text(file.LabelColumn)}")}.");
        }
    }

    private static void Write(Utf8JsonWriter json, string name, NumberScale? scale)
    {
        if (scale is null)
        {
            return;
        }

        json.WriteStartArray(name);
        for (int i = 0; i < scale.Features; i++)
        {
            json.WriteStartArray();
            json.WriteNumberValue(scale.Means[i]);
            json.WriteNumberValue(scale.Deviations[i]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static NumberScale? ScaleFrom(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement features))
        {
            return null;
        }

        double[][] pairs =
            [.. features.EnumerateArray().Select(pair => pair.EnumerateArray().Select(number => number.GetDouble()).ToArray())];
        return pairs.Length > 0 && pairs.All(pair => pair is [_, > 0] && pair.All(double.IsFinite))
            ? new NumberScale([.. pairs.Select(pair => pair[0])], [.. pairs.Select(pair => pair[1])])
            : throw new FormatException($"The task has '{name}' without a mean and a deviation above 0 for each feature, expected both.");
    }

    private string List()
    {
        const int Most = 10;
        return string.Join(", ", _labels.Take(Most).Select(Quoted.Text))
            + (_labels.Length > Most ? $" and {_labels.Length - Most} more" : "");
    }
}
