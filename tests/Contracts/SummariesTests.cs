using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>A summary starts with a noun or a verb: a pronoun at the start has no noun to refer to.</summary>
public partial class SummariesTests
{
    private static readonly string[] _roots = ["src", "tests", "perf"];

    [Fact]
    public void No_summary_starts_with_a_pronoun()
    {
        string[] problems =
        [
            .. _roots.SelectMany(root => Directory.EnumerateFiles(Repository.PathOf(root), "*.cs", SearchOption.AllDirectories))
                .Select(file => (Path: Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'), File: file))
                .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj"))
                .SelectMany(file => Problems(file.Path, File.ReadAllText(file.File))),
        ];

        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("/// <summary>That of a dense layer.</summary>", "a.cs(1) has a summary that starts with 'That'")]
    [InlineData("/// <summary>Those of the rows.</summary>", "a.cs(1) has a summary that starts with 'Those'")]
    [InlineData("\n/// <summary>\n/// What it is.\n/// </summary>", "a.cs(2) has a summary that starts with 'What'")]
    [InlineData("    /// <summary> Whether it is.</summary>", "a.cs(1) has a summary that starts with 'Whether'")]
    [InlineData("/// <content>What it adds.</content>", "a.cs(1) has a summary that starts with 'What'")]
    [InlineData("/// <param name=\"A\">That.</param>\n/// <summary><see cref=\"B\"/>.</summary>", null)]
    [InlineData("/// <summary>Whatever it is.</summary>", null)]
    [InlineData("/// <summary>Gates of a layer.</summary>", null)]
    public void A_pronoun_at_the_start_is_found(string source, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected + ", expected a noun or a verb."], Problems("a.cs", source));

    private static IEnumerable<string> Problems(string path, string source) => Start().Matches(source).Select(match =>
        $"{path}({source.AsSpan(0, match.Index).Count('\n') + 1}) has a summary that starts with '{match.Groups["word"].Value}', "
        + "expected a noun or a verb.");

    // From the start of a line, so that the seeded sources above, inside strings, do not count.
    [GeneratedRegex(@"^[ \t]*///\s*<(summary|content)>\s*(///\s*)?(?<word>That|Those|What|Whether)\b", RegexOptions.Multiline)]
    private static partial Regex Start();
}
