using Spectre.Console;

namespace SpanRnn.Cli;

/// <summary>Where a command writes: results to the output, everything that is about them to the error stream.</summary>
internal sealed class Terminal
{
    private const int FileWidth = 120;

    private readonly IAnsiConsole _console;

    public Terminal(TextWriter output, TextWriter error)
    {
        Output = output;
        Error = error;

        // Colours and moving bars are for eyes: a file or a pipe gets plain text.
        var destination = new AnsiConsoleOutput(output);
        IsInteractive = destination.IsTerminal;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = destination,
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!IsInteractive)
        {
            _console.Profile.Width = FileWidth;
        }
    }

    /// <summary>For results.</summary>
    public TextWriter Output { get; }

    /// <summary>For what is wrong.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether somebody watches.</summary>
    public bool IsInteractive { get; }

    /// <summary>One sentence to the error stream.</summary>
    public void WriteError(string sentence) => Error.WriteLine($"spanrnn: {sentence}");

    /// <summary>A table of plain text; columns named with a leading "#" hold numbers and are set to the right.</summary>
    public void WriteTable(ReadOnlySpan<string> columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            var header = new TableColumn(new Text(column.TrimStart('#')));
            table.AddColumn(column.StartsWith('#') ? header.RightAligned().NoWrap() : header);
        }

        foreach (string[] row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        _console.Write(table);
    }

    /// <summary>Runs work that reports how far it has come, from 0 to 1, and a word on it; shown as a bar if somebody watches.</summary>
    public void WithProgress(string title, Action<Action<double, string>> work)
    {
        if (!IsInteractive)
        {
            work((_, _) => { });
            return;
        }

        _console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: 1);
                work((done, word) =>
                {
                    task.Value = done;
                    task.Description = Markup.Escape($"{title} {word}");
                });
            });
    }
}
