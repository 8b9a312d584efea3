using Spectre.Console;

namespace SpanRnn.Perf;

/// <summary>
/// A table of text, for the terminal or for a page of Markdown. Columns named with a leading "#" are aligned to the right. A name may
/// have several lines in the terminal.
/// </summary>
internal sealed class Table(string title, params string[] columns)
{
    // Wider than any table, so that a narrow terminal breaks lines but loses nothing.
    private const int Width = 10_000;

    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table for the terminal.</summary>
    public void Write(TextWriter output)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            TableColumn header = new TableColumn(new Text(column.TrimStart('#'))).NoWrap().PadRight(0);
            table.AddColumn(column.StartsWith('#') ? header.RightAligned() : header);
        }

        foreach (string[] row in _rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width;
        console.Write(table);
        output.WriteLine(title);
        foreach (string line in text.ToString().TrimEnd().Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }

        output.WriteLine();
    }

    /// <summary>Writes the table as Markdown.</summary>
    public void WriteMarkdown(TextWriter output)
    {
        output.WriteLine($"## {title}");
        output.WriteLine();
        output.WriteLine($"| {string.Join(" | ", columns.Select(column => column.TrimStart('#').Replace('\n', ' ')))} |");
        output.WriteLine($"|{string.Join('|', columns.Select(column => column.StartsWith('#') ? "---:" : "---"))}|");
        foreach (string[] row in _rows)
        {
            output.WriteLine($"| {string.Join(" | ", row)} |");
        }

        output.WriteLine();
    }
}
