using System.Diagnostics;
using Spectre.Console;

namespace SpanRnn.Cli.Output;

/// <summary>The two streams of a command: the output for results, the error stream for all that is said about them.</summary>
internal sealed class Terminal
{
    // Wider than any table: a file has no width, and a narrow terminal breaks a long line but loses nothing of it.
    private const int TableWidth = 10_000;

    private const int NarrowestChart = 30;
    private const int UsualChart = 60;
    private const int WidestChart = 100;

    private static readonly TimeSpan _long = TimeSpan.FromSeconds(10);

    private readonly TextWriter _error;
    private readonly Func<Stream> _input;
    private readonly IAnsiConsole _console;
    private readonly List<(string Subjects, string Said)> _notices = [];

    /// <param name="output">The output.</param>
    /// <param name="error">The error stream.</param>
    /// <param name="input">Opens the standard input; null for that of the process.</param>
    public Terminal(TextWriter output, TextWriter error, Func<Stream>? input = null)
    {
        Output = output;
        _error = error;
        _input = input ?? Console.OpenStandardInput;

        // Colors and moving bars are for eyes: a file or a pipe gets plain text.
        var destination = new AnsiConsoleOutput(output);
        IsInteractive = destination.IsTerminal;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = destination,
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
        });
    }

    /// <summary>Results.</summary>
    public TextWriter Output { get; }

    /// <summary>True if the output is a terminal, where a person watches.</summary>
    public bool IsInteractive { get; }

    /// <summary>Most characters of a line of a chart: those of the terminal, or 60.</summary>
    public int ChartWidth => IsInteractive ? Math.Clamp(_console.Profile.Width - 1, NarrowestChart, WidestChart) : UsualChart;

    /// <summary>The command line as it was typed, without the name of the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Opens the standard input.</summary>
    public Stream OpenInput() => _input();

    /// <summary>Writes one sentence to the error stream.</summary>
    public void WriteError(string sentence) => WriteProgress($"spanrnn: {Display.Printable(sentence)}");

    /// <summary>Writes one line about the progress of long work to the error stream.</summary>
    public void WriteProgress(string line)
    {
        try
        {
            _error.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The stream is closed, or its reader is gone, such as a closed terminal. No work may be lost because of that.
        }
    }

    /// <summary>
    /// Keeps a sentence about the input until <see cref="WriteNotices"/>: a command that refuses its input says only why. Sentences that
    /// differ only in their subject become one, which lists the subjects.
    /// </summary>
    /// <param name="subject">The beginning of the sentence, which names the file.</param>
    /// <param name="said">The rest of it.</param>
    public void Notice(string subject, string said)
    {
        int same = _notices.FindIndex(notice => notice.Said == said);
        if (same < 0)
        {
            _notices.Add((subject, said));
        }
        else if (!_notices[same].Subjects.Split(", ").Contains(subject))
        {
            _notices[same] = ($"{_notices[same].Subjects}, {subject}", said);
        }
    }

    /// <summary>Writes the sentences about the input, each once: the input was good.</summary>
    public void WriteNotices()
    {
        foreach ((string subjects, string said) in _notices)
        {
            WriteError(subjects + said);
        }

        _notices.Clear();
    }

    /// <summary>
    /// Writes a table of plain text. A column named with a leading "#" holds numbers and is aligned right. On a terminal that is narrower
    /// than the table, it is written in parts, each with the first column.
    /// </summary>
    public void WriteTable(ReadOnlySpan<string> columns, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        foreach (int[] part in TableParts.Of(columns, all, IsInteractive ? _console.Profile.Width : TableWidth))
        {
            WritePart([.. part.Select(columns.ToArray().ElementAt)], all.Select(row => part.Select(row.ElementAt).ToArray()));
        }
    }

    private void WritePart(ReadOnlySpan<string> columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            string name = column.StartsWith('#') ? column[1..] : column;
            TableColumn header = new TableColumn(new Text(string.Join('\n', name.Split('\n').Select(Display.Printable)))).NoWrap();
            table.AddColumn(column.StartsWith('#') ? header.RightAligned() : header);
        }

        foreach (string[] row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Display.Printable(cell))));
        }

        int width = _console.Profile.Width;
        _console.Profile.Width = TableWidth;
        _console.Write(table);
        _console.Profile.Width = width;
    }

    /// <summary>Writes bars from 0 with their intervals, as <see cref="TextCharts.Bars"/> draws them.</summary>
    public void WriteBars(IEnumerable<(string Name, double Value, double Low, double High, string Text)> bars)
    {
        foreach (string line in TextCharts.Bars([.. bars], ChartWidth))
        {
            Output.WriteLine(line);
        }
    }

    /// <summary>Runs work that reports how much is done, from 0 to 1, and a word about it.</summary>
    /// <remarks>
    /// A terminal shows a bar. Elsewhere the last word is written at the end, and work that takes long says once how long it will take.
    /// </remarks>
    public void WithProgress(string title, Action<Action<double, string>> work)
    {
        if (!IsInteractive)
        {
            WithoutBar(title, work);
            return;
        }

        _console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
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

    private void WithoutBar(string title, Action<Action<double, string>> work)
    {
        long start = Stopwatch.GetTimestamp();
        string last = string.Empty;
        bool said = false;
        work((done, word) =>
        {
            last = word;
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (!said && elapsed > _long)
            {
                said = true;
                WriteError($"{title}: about {Display.Fixed(elapsed.TotalSeconds * (1 - done) / done, 0)} s to go.");
            }
        });
        if (last.Length > 0)
        {
            Output.WriteLine($"{title}: {last}");
        }
    }
}
