using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>Characters and paths that no file of the repository may contain.</summary>
public partial class WordsTests
{
    private const int LongestLine = 140;

    [Fact]
    public void Files_are_clean()
    {
        string[] problems = [.. Repository.Files().SelectMany(file => Problems(
            Path.GetRelativePath(Repository.Root, file.FullName), File.ReadAllText(file.FullName)))];

        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("a.txt", "see " + "/home" + "/ann/data", "a.txt(1) has a path of one machine: see " + "/home" + "/ann/data")]
    [InlineData("a.txt", @"see C:\Users" + @"\ann", "a.txt(1) has a path of one machine: see C:\\Users" + "\\ann")]
    [InlineData("a.md", "one\ntwo \n", "a.md(2) ends with white space.")]
    [InlineData("a.cs", "one\r\n", "a.cs(1) ends with white space.")]
    [InlineData("a.cs", "int n;\tint m;\n", "a.cs(1) has a tab.")]
    public void A_fault_is_found(string name, string text, string expected) => Assert.Equal([expected], Problems(name, text));

    [Theory]
    [InlineData(LongestLine, 0)]
    [InlineData(LongestLine + 1, 1)]
    public void A_long_line_of_code_is_found(int length, int expected) =>
        Assert.Equal(expected, Problems("a.cs", new string('x', length)).Count());

    private static IEnumerable<string> Problems(string name, string text)
    {
        // A file of numbers, not of words.
        if (text.Contains('\0'))
        {
            yield break;
        }

        bool code = name.EndsWith(".cs", StringComparison.Ordinal);
        bool strict = code || name.EndsWith(".md", StringComparison.Ordinal);
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (MachinePath().IsMatch(line))
            {
                yield return $"{name}({number}) has a path of one machine: {line}";
            }

            if (strict && line.Length > 0 && char.IsWhiteSpace(line[^1]))
            {
                yield return $"{name}({number}) ends with white space.";
            }

            if (strict && line.Contains('\t'))
            {
                yield return $"{name}({number}) has a tab.";
            }

            if (code && line.Length > LongestLine)
            {
                yield return $"{name}({number}) has {line.Length} characters, expected at most {LongestLine}.";
            }
        }
    }

    [GeneratedRegex(@"(?<![\w.])/(home|root|work|tmp|Users)/\w|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();
}
