namespace SpanRnn.Cli.Output;

/// <summary>Columns of a table that fit on a narrow terminal together.</summary>
internal static class TableParts
{
    // Blanks beside a cell, and one more on a line.
    private const int BesideCell = 3;
    private const int BesideLine = 1;

    /// <summary>Divides the columns of a table in their order. A column that is too wide alone stays in one piece.</summary>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="rows">Rows of as many cells.</param>
    /// <param name="width">Characters of a line.</param>
    /// <returns>Indexes of the columns of each part, the first of which is in every part.</returns>
    public static IReadOnlyList<int[]> Of(ReadOnlySpan<string> columns, IReadOnlyList<string[]> rows, int width)
    {
        int[] widths = new int[columns.Length];
        for (int i = 0; i < widths.Length; i++)
        {
            int column = i;
            int name = columns[i].TrimStart('#').Split('\n').Max(line => line.Length);
            widths[i] = BesideCell + rows.Select(row => row[column].Length).Append(name).Max();
        }

        List<int[]> parts = [];
        List<int> part = [0];
        int used = BesideLine + widths[0];
        for (int i = 1; i < widths.Length; i++)
        {
            if (part.Count > 1 && used + widths[i] > width)
            {
                parts.Add([.. part]);
                part = [0];
                used = BesideLine + widths[0];
            }

            part.Add(i);
            used += widths[i];
        }

        parts.Add([.. part]);
        return parts;
    }
}
