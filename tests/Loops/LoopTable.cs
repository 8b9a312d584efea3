using System.Globalization;

namespace SpanRnn.Tests;

/// <summary>The table of loops in src/Core/README.md.</summary>
internal sealed class LoopTable
{
    private const string Header = "| kernel | width | precision | instructions | multiply-adds | instructions per multiply-add |";

    private const string OneNumber = "1";

    private const string Comma = ", ";

    private const string KernelComma = "`, `";

    private readonly Row[] _rows;

    /// <summary>Reads the table of a Markdown text. A cell of several kernels, widths or precisions makes a row for each.</summary>
    public LoopTable(string markdown) => _rows =
    [
        .. markdown.Split('\n').SkipWhile(line => line != Header).Skip(2).TakeWhile(line => line.StartsWith('|')).SelectMany(Parse),
    ];

    /// <summary>Table of the repository.</summary>
    public static LoopTable Current => new(File.ReadAllText(Repository.PathOf("src", "Core", "README.md")));

    /// <summary>Faults of loops of one width, in a sentence each.</summary>
    public string[] Problems(string width, IReadOnlyCollection<Loop> loops) =>
        [.. Find(width, [.. Kernels(loops).Where(loop => loop.Width == width)]).Distinct()];

    /// <summary>The table as it should be: rows of the given loops, and present rows of <paramref name="unread"/> widths.</summary>
    public string Print(IReadOnlyCollection<Loop> loops, IReadOnlyCollection<string> unread)
    {
        IEnumerable<Row> rows = Kernels(loops)
            .Select(loop => new Row(loop.Kernel, loop.Width, loop.Precision, loop.Instructions, loop.MultiplyAdds))
            .Concat(_rows.Where(row => unread.Contains(row.Width)))
            .GroupBy(row => row with { Instructions = 0 })
            .Select(same => same.MaxBy(row => row.Instructions)!)
            .OrderBy(row => row.Kernel, StringComparer.Ordinal)
            .ThenBy(row => CompiledLoops.Widths.IndexOf(row.Width))
            .ThenByDescending(row => row.MultiplyAdds);

        // Equal rows share a line: precisions, then widths, then instances of a method.
        IEnumerable<string> lines = rows
            .GroupBy(row => row with { Precision = "" })
            .Select(same => same.Key with { Precision = string.Join(Comma, same.Select(row => row.Precision)) })
            .GroupBy(row => row with { Width = "" })
            .Select(same => same.Key with { Width = string.Join(Comma, same.Select(row => row.Width)) })
            .GroupBy(row => (row.Kernel.Split('<')[0], row with { Kernel = "" }))
            .Select(same => same.First() with { Kernel = string.Join(KernelComma, same.Select(row => row.Kernel)) })
            .Select(row => $"| `{row.Kernel}` | {row.Width} | {row.Precision} | {row.Instructions} | {row.MultiplyAdds} "
                + $"| {Ratio(row.Instructions, row.MultiplyAdds)} |");
        return string.Join('\n', [Header, "|---|---|---|---|---|---|", .. lines]);
    }

    private IEnumerable<string> Find(string width, Loop[] loops)
    {
        foreach (Loop loop in loops)
        {
            // Loops over one number are tails, in which the compiler copies a sum however it is written.
            if (loop.Moves.Count > 0 && width != OneNumber)
            {
                yield return $"The loop {loop} copies vector registers {loop.Moves.Count} times as in '{loop.Moves[0]}', expected never; "
                    + "sum with V.Accumulate.";
            }

            if (loop.Spills.Count > 0)
            {
                yield return $"The loop {loop} reads or writes the stack {loop.Spills.Count} times as in '{loop.Spills[0]}', "
                    + "expected never; keep fewer sums.";
            }

            Row? row = _rows.FirstOrDefault(row => row.IsOf(loop));
            if (row is null)
            {
                yield return $"The loop {loop} is not in the table, expected a row with {loop.Instructions} instructions.";
            }
            else if (loop.Instructions > row.Instructions)
            {
                yield return $"The loop {loop} has {Ratio(loop.Instructions, loop.MultiplyAdds)} instructions per multiply-add, "
                    + $"expected at most {Ratio(row.Instructions, row.MultiplyAdds)} as in the table.";
            }
        }

        foreach (Row row in _rows.Where(row => row.Width == width && !loops.Any(row.IsOf)))
        {
            yield return $"The row {row} of the table has no loop, expected one; take the row out or mend the kernel.";
        }
    }

    // Without an instruction that multiplies and adds, a product and a sum are found in other loops too. A loop is a kernel if it is
    // listed, or has that instruction elsewhere.
    private IEnumerable<Loop> Kernels(IReadOnlyCollection<Loop> loops)
    {
        HashSet<string> kernels = [.. _rows.Select(row => row.Kernel), .. loops.Where(loop => loop.IsFused).Select(loop => loop.Kernel)];
        return loops.Where(loop => loop.IsFused || (loop.Width != OneNumber && kernels.Contains(loop.Kernel)));
    }

    private static string Ratio(int instructions, int multiplyAdds) =>
        ((double)instructions / multiplyAdds).ToString("0.00", CultureInfo.InvariantCulture);

    private static IEnumerable<Row> Parse(string line)
    {
        string[] cells = [.. line.Trim('|').Split('|', StringSplitOptions.TrimEntries)];
        int instructions = int.Parse(cells[3], CultureInfo.InvariantCulture);
        int multiplyAdds = int.Parse(cells[4], CultureInfo.InvariantCulture);
        string ratio = Ratio(instructions, multiplyAdds);
        return cells[5] != ratio
            ? throw new FormatException($"The row '{line}' of the table of loops ends with {cells[5]}, expected {ratio}.")
            : from width in cells[1].Split(Comma)
              from precision in cells[2].Split(Comma)
              from kernel in cells[0].Trim('`').Split(KernelComma)
              select new Row(kernel, width, precision, instructions, multiplyAdds);
    }

    private sealed record Row(string Kernel, string Width, string Precision, int Instructions, int MultiplyAdds)
    {
        public bool IsOf(Loop loop) =>
            (Kernel, Width, Precision, MultiplyAdds) == (loop.Kernel, loop.Width, loop.Precision, loop.MultiplyAdds);

        public override string ToString() => $"{Kernel}, {Width}, {Precision}, {MultiplyAdds} multiply-adds";
    }
}
