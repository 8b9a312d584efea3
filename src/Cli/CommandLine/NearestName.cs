namespace SpanRnn.Cli.CommandLine;

/// <summary>Finds the name that was meant by a mistyped one.</summary>
internal static class NearestName
{
    // More mistakes than this are another name.
    private const int MostMistakes = 3;

    /// <summary>Finds the nearest name, by insertions, deletions, substitutions and swaps of neighbors, each one mistake.</summary>
    /// <returns>The name; null if none is near.</returns>
    public static string? Of(string given, IEnumerable<string> names)
    {
        (string Name, int Mistakes)[] all = [.. names.Select(name => (name, Distance(given, name))).OrderBy(pair => pair.Item2)];
        return all.Length > 0 && all[0].Mistakes <= Math.Min(MostMistakes, given.TrimStart('-').Length / 2) ? all[0].Name
            : all.FirstOrDefault(pair => given.Length > 3 && pair.Name.StartsWith(given, StringComparison.Ordinal)).Name;
    }

    // Optimal string alignment (Damerau 1964, Levenshtein 1966), by the lengths of what is compared.
    private static int Distance(string a, string b)
    {
        int[,] distances = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                distances[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    distances[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1),
                    1 + Math.Min(distances[i - 1, j], distances[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    distances[i, j] = Math.Min(distances[i, j], distances[i - 2, j - 2] + 1);
                }
            }
        }

        return distances[a.Length, b.Length];
    }
}
