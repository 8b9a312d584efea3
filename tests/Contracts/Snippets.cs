using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>
/// Compares the C# blocks of Markdown texts with compiled code. In Markdown a block comes below <c>&lt;!-- snippet: NAME --&gt;</c>; in
/// code its text is between the lines <c>// snippet: NAME</c> and <c>// end</c>.
/// </summary>
internal static partial class Snippets
{
    /// <summary>One sentence for each block without a snippet or with another text, and for each snippet without a block.</summary>
    public static string[] Problems(IEnumerable<string> pages, IEnumerable<string> sources)
    {
        List<string> problems = [];
        var snippets = new Dictionary<string, string>();
        foreach ((string name, string text) in sources.SelectMany(InCode))
        {
            if (!snippets.TryAdd(name, text))
            {
                problems.Add($"The snippet '{name}' occurs twice in the code.");
            }
        }

        HashSet<string> used = [];
        foreach ((int line, string? name, string text) in pages.SelectMany(InMarkdown))
        {
            if (name is null)
            {
                problems.Add($"The C# block in line {line} has no line <!-- snippet: NAME --> above it.");
            }
            else if (!snippets.TryGetValue(name, out string? code))
            {
                problems.Add($"The C# block in line {line} is the snippet '{name}', which is not in the code.");
            }
            else if (code != text)
            {
                problems.Add($"The C# block in line {line} differs from the snippet '{name}', expected:\n{code}");
            }

            used.Add(name ?? "");
        }

        problems.AddRange(snippets.Keys.Where(name => !used.Contains(name)).Select(name => $"The snippet '{name}' is not used."));
        return [.. problems];
    }

    private static IEnumerable<(string Name, string Text)> InCode(string source)
    {
        string? name = null;
        List<string> lines = [];
        foreach (string line in Lines(source))
        {
            if (Start().Match(line) is { Success: true } start)
            {
                name = start.Groups["name"].Value;
                lines.Clear();
            }
            else if (name is not null && line.Trim() == "// end")
            {
                yield return (name, Trimmed(lines));
                name = null;
            }
            else
            {
                lines.Add(line);
            }
        }

        if (name is not null)
        {
            throw new FormatException($"The snippet '{name}' has no line '// end'.");
        }
    }

    private static IEnumerable<(int Line, string? Name, string Text)> InMarkdown(string markdown)
    {
        string? name = null;
        string? fence = null;
        bool csharp = false;
        int begin = 0;
        int number = 0;
        List<string> lines = [];
        foreach (string line in Lines(markdown))
        {
            number++;
            if (fence is not null && line.Trim() == fence)
            {
                if (csharp)
                {
                    yield return (begin, name, Trimmed(lines));
                }

                fence = null;
                name = null;
            }
            else if (fence is not null)
            {
                lines.Add(line);
            }
            else if (Fence().Match(line) is { Success: true } open)
            {
                fence = open.Groups["fence"].Value;
                csharp = open.Groups["language"].Value.ToUpperInvariant() is "CSHARP" or "CS" or "C#";
                begin = number;
                lines.Clear();
            }
            else if (Marker().Match(line) is { Success: true } marker)
            {
                name = marker.Groups["name"].Value;
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                name = null;
            }
        }

        if (fence is not null)
        {
            throw new FormatException($"The block in line {begin} has no end.");
        }
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>Lines without empty ones around them and without the indentation that all of them share.</summary>
    private static string Trimmed(List<string> lines)
    {
        int indentation = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indentation..] : line)).Trim('\n');
    }

    [GeneratedRegex(@"^\s*// snippet: (?<name>\S+)$")]
    private static partial Regex Start();

    [GeneratedRegex(@"^\s*<!-- snippet: (?<name>\S+) -->$")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^\s*(?<fence>```+|~~~+)\s*(?<language>[^\s`]*)")]
    private static partial Regex Fence();
}
