namespace SpanRnn.Tests;

/// <summary>
/// The list of the public cases: a line for each, its name, and behind a colon a word or two of what the program says if it is not right
/// yet. Lines may only lose these words.
/// </summary>
internal static class RefusedCases
{
    /// <summary>Reads the list.</summary>
    /// <returns>The words of each case; null for a case that is right.</returns>
    public static Dictionary<string, string?> Read(IEnumerable<string> lines) => lines
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(": ", 2))
        .ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : null);

    /// <summary>Compares the list with the cases.</summary>
    /// <param name="list">The words of each case.</param>
    /// <param name="found">The problem of each case; null for a case that is right.</param>
    /// <returns>Sentences that fail a test, and cases that are newer than the list.</returns>
    public static (string[] Problems, string[] Newer) Compare(
        IReadOnlyDictionary<string, string?> list, IReadOnlyDictionary<string, string?> found)
    {
        List<string> problems = [];
        List<string> newer = [];
        foreach ((string name, string? problem) in found)
        {
            if (!list.TryGetValue(name, out string? words))
            {
                newer.Add($"{name}: {problem ?? "right"}");
            }
            else if (words is null && problem is not null)
            {
                problems.Add($"{name} is not right: {problem}");
            }
            else if (words is not null && problem is null)
            {
                problems.Add($"{name} is right, expected its line without '{words}'.");
            }
            else if (words is not null && !problem!.Contains(words, StringComparison.Ordinal))
            {
                problems.Add($"{name} no longer says '{words}': {problem}");
            }
        }

        problems.AddRange(list.Keys.Where(name => !found.ContainsKey(name)).Select(name => $"{name} is no case, expected no line."));
        return ([.. problems], [.. newer]);
    }
}
