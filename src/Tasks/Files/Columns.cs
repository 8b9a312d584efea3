namespace SpanRnn.Tasks.Files;

/// <summary>Columns of a table: the one with the sequences, and those with labels and identifiers, -1 for none.</summary>
internal sealed record Columns(int Sequence, int Label, int Identifier)
{
    private static readonly string[] _sequences = ["sequence", "seq", "text", "sentence", "string"];

    private static readonly string[] _labels = ["label", "class", "target", "category"];

    private static readonly string[] _identifiers = ["id", "identifier", "name", "accession"];

    /// <summary>
    /// Columns that were asked for; else the only one with a usual name, else the only one that is left. Two candidates for the sequence
    /// are an error, two for the label are no label.
    /// </summary>
    /// <param name="file">The file as messages call it.</param>
    /// <param name="names">Names of the columns.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="different">Counts the different fields of a column.</param>
    public static Columns Of(string file, string[] names, SequenceFileOptions options, Func<int, int> different)
    {
        int sequence = Asked(file, names, options.SequenceColumn ?? Preferred(names, options.Preferred.Sequence));
        int label = Asked(file, names, options.LabelColumn ?? Preferred(names, options.Preferred.Label));
        if (sequence >= 0 && sequence == label)
        {
            throw new ModelFormatException(
                file, $"the column {Quoted.Text(names[label])} was chosen for sequences and for labels, expected two columns.");
        }

        sequence = sequence >= 0 ? sequence : Only(names, _sequences, label);
        label = label >= 0 ? label : Only(names, _labels, sequence);
        int identifier = Only(names, _identifiers, sequence, label);

        if (sequence < 0)
        {
            int left = Left(names, label, identifier);
            sequence = left >= 0 ? left : throw new ModelFormatException(
                file,
                $"line 1 has the columns {List(names)}, and none alone looks like sequences; choose the column of the sequences, and let "
                + "the first row have names.");

            // Names with what they are of, such as name and language: what repeats is the label.
            if (identifier >= 0 && label < 0 && 2 * different(sequence) <= different(identifier))
            {
                return new Columns(identifier, sequence, -1);
            }
        }

        return new Columns(sequence, label >= 0 ? label : Left(names, sequence, identifier), identifier);
    }

    private static string? Preferred(string[] names, string? name) => names.Count(other => other == name) == 1 ? name : null;

    private static int Asked(string file, string[] names, string? asked)
    {
        if (asked is null)
        {
            return -1;
        }

        int[] found = [.. Enumerable.Range(0, names.Length).Where(i => names[i] == asked)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ModelFormatException(
                file, $"line 1 has no column {Quoted.Text(asked)}; the nearest name is {Quoted.Text(names.MinBy(Distance)!)}."),
            _ => throw new ModelFormatException(
                file, $"line 1 has {found.Length} columns {Quoted.Text(asked)}, expected one; rename the others."),
        };

        int Distance(string name) => EditDistance(name.ToUpperInvariant(), asked.ToUpperInvariant());
    }

    private static int Only(string[] names, string[] usual, params int[] taken)
    {
        int[] found = [.. Enumerable.Range(0, names.Length).Except(taken)
            .Where(i => usual.Contains(names[i], StringComparer.OrdinalIgnoreCase))];
        return found.Length == 1 ? found[0] : -1;
    }

    private static int Left(string[] names, params int[] taken)
    {
        int[] left = [.. Enumerable.Range(0, names.Length).Except(taken)];
        return left.Length == 1 ? left[0] : -1;
    }

    private static string List(string[] names)
    {
        const int Most = 10;
        return string.Join(", ", names.Take(Most).Select(Quoted.Text)) + (names.Length > Most ? $" and {names.Length - Most} more" : "");
    }

    // Levenshtein 1966: insertions, deletions and substitutions, one row of the table at a time.
    private static int EditDistance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j - 1], row[j]));
            }
        }

        return row[^1];
    }
}
