using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>A task on a file of sequences as the command line has it; what it does not say is null, and the file tells.</summary>
internal sealed record TaskSettings
{
    private const string UnknownSymbol = "symbol";

    // Arguments of the library, and what they are on the command line.
    private static readonly (string Library, string Option)[] _names =
    [
        ("folds", "--folds"), ("seeds", "--seeds"), ("unit", "--tokens"), ("options.Bidirectional", "--bidirectional"),
        ("options.Readout", "--readout or --at"), ("options.EmbeddingSize", "--embedding"), ("options.Start", "the model of --from"),
    ];

    public TaskKind? Kind { get; init; }

    /// <summary>Columns of a table.</summary>
    public SequenceFileOptions Columns { get; init; } = new();

    /// <summary>Pieces of a sequence.</summary>
    public SymbolUnit? Tokens { get; init; }

    /// <summary>True if rare symbols are one symbol, "unknown".</summary>
    public bool? Unknown { get; init; }

    /// <summary>Layer that makes one row of all steps of a sequence.</summary>
    public LayerSpec? Readout { get; init; }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="table">Options of the command.</param>
    /// <param name="change">Changes the settings of the task within those of the command.</param>
    public static void AddTo<T>(OptionTable<T> table, Func<T, Func<TaskSettings, TaskSettings>, T> change)
        where T : new()
    {
        table.Add(
            ChoiceOption.Create<TaskKind?>(
                "--task",
                "What to learn of DATA: a label for each sequence, its last symbol from those before, the next symbol everywhere, a label "
                    + "for each symbol, or a number; by default the labels tell.",
                ("classify", TaskKind.Classify),
                ("last", TaskKind.Last),
                ("next", TaskKind.Next),
                ("tag", TaskKind.Tag),
                ("regress", TaskKind.Regress)),
            (s, value) => change(s, task => task with { Kind = value }));
        table.Add(
            ColumnOption.Create("--sequence", "The column of a table that has the sequences; by default the only candidate."),
            (s, value) => change(s, task => task with { Columns = task.Columns with { SequenceColumn = value } }));
        table.Add(
            ColumnOption.Create("--label", "The column of a table that has the labels; by default the only candidate."),
            (s, value) => change(s, task => task with { Columns = task.Columns with { LabelColumn = value } }));
        table.Add(
            ChoiceOption.Create<SymbolUnit?>(
                "--tokens",
                "What a sequence is cut into; char is the default, or number where all are numbers between white space.",
                ("char", SymbolUnit.Character),
                ("word", SymbolUnit.Word),
                ("number", SymbolUnit.Number)),
            (s, value) => change(s, task => task with { Tokens = value }));
        table.Add(
            ChoiceOption.Create<string?>(
                "--unknown",
                "What a symbol is that DATA has once only, or never: one symbol, 'unknown', which is the default for words, or an error, "
                    + "the default for characters.",
                (UnknownSymbol, UnknownSymbol),
                ("error", "error")),
            (s, value) => change(s, task => task with { Unknown = value == UnknownSymbol }));
    }

    /// <summary>Adds the options of what the label of a sequence is read from.</summary>
    /// <inheritdoc cref="AddTo" path="/param"/>
    public static void AddReadoutTo<T>(OptionTable<T> table, Func<T, Func<TaskSettings, TaskSettings>, T> change)
        where T : new()
    {
        table.Add(
            ChoiceOption.Create<LayerSpec?>(
                "--readout",
                "What the label of a sequence is read from: the last output, the mean or maximum of all, or attention.",
                ("last", new FinalStateLayer()),
                ("mean", new PoolLayer(Pooling.Mean)),
                ("max", new PoolLayer(Pooling.Maximum)),
                ("attention", new AttentionLayer())),
            (s, value) => change(s, task => task with { Readout = value }));
        table.Add(
            NumberOption.Whole("--at", "Reads the label at the N-th symbol of each sequence, the first is 1.", 1, 1_000_000),
            (s, value) => change(s, task => task.Readout is null
                ? task with { Readout = new StepLayer((int)value - 1) }
                : throw new WrongCommandLineException("--readout and --at are given, expected one of them.")));
    }

    /// <summary>Finds the task of a file.</summary>
    /// <exception cref="WrongCommandLineException">Options contradict each other.</exception>
    public SequenceTask Of(SequenceFile file)
    {
        try
        {
            return SequenceTask.Of(file, Kind, Tokens, Unknown);
        }
        catch (ArgumentException e)
        {
            throw Wrong(e);
        }
    }

    /// <summary>Makes the sentence of the library one about the command line.</summary>
    public static WrongCommandLineException Wrong(ArgumentException e) => new(_names.Aggregate(
        Display.Sentence(e), (sentence, name) => sentence.Replace($"'{name.Library}'", name.Option, StringComparison.Ordinal)));
}
