namespace SpanRnn.Tests;

/// <summary>README.md is short, and its examples and those of docs are the code in tests/Snippets, which runs as tests.</summary>
public class ReadmeTests
{
    private const string Code = """
        void Method()
        {
            // snippet: first
            int n = 1;
            if (n > 0)
            {
                n--;
            }

            Use(n);
            // end
        }
        """;

    private const string Markdown = """
        Text.

        <!-- snippet: first -->
        ```csharp
        int n = 1;
        if (n > 0)
        {
            n--;
        }

        Use(n);
        ```

        ```sh
        dotnet test
        ```
        """;

    [Fact]
    public void The_examples_of_the_README_and_of_docs_are_compiled_and_run()
    {
        string folder = Repository.PathOf("tests", "Snippets");
        string[] sources = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.cs") : [];
        string[] pages = [Repository.PathOf("README.md"), .. Directory.GetFiles(Repository.PathOf("docs"), "*.md")];
        string[] problems = Snippets.Problems(pages.Select(File.ReadAllText), sources.Select(File.ReadAllText));

        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    [Fact]
    public void The_README_is_shorter_than_200_lines() =>
        Assert.InRange(File.ReadLines(Repository.PathOf("README.md")).Count(), 1, 199);

    [Fact]
    public void An_equal_block_is_accepted() => Assert.Empty(Snippets.Problems([Markdown], [Code]));

    [Fact]
    public void A_changed_block_is_found() =>
        Finds("differs from the snippet 'first'", Markdown.Replace("n--", "n++", StringComparison.Ordinal), Code);

    [Fact]
    public void A_changed_indentation_is_found() => Finds("differs", Markdown.Replace("    n--", "  n--", StringComparison.Ordinal), Code);

    [Fact]
    public void A_block_without_a_marker_is_found() =>
        Finds("The C# block in line 17 has no line", Markdown + "\n```csharp\nint n;\n```\n", Code);

    [Fact]
    public void A_marker_belongs_to_the_block_right_below_it() =>
        Finds("The C# block in line 5 has no line", Markdown.Replace("-->", "-->\nText.", StringComparison.Ordinal), Code);

    [Fact]
    public void An_unknown_snippet_is_found() => Finds("which is not in the code", Markdown, "");

    [Fact]
    public void An_unused_snippet_is_found() => Finds("'first' is not used", "Text.", Code);

    [Fact]
    public void A_name_for_two_snippets_is_found() => Finds("occurs twice", Markdown, Code, Code);

    [Fact]
    public void A_snippet_without_an_end_is_found() =>
        Assert.Throws<FormatException>(() => Snippets.Problems([Markdown], [Code.Replace("// end", "", StringComparison.Ordinal)]));

    [Fact]
    public void A_block_without_an_end_is_found() =>
        Assert.Throws<FormatException>(() => Snippets.Problems([Markdown + "\n```csharp\nint n;\n"], [Code]));

    private static void Finds(string part, string markdown, params string[] sources) =>
        Assert.Contains(Snippets.Problems([markdown], sources), problem => problem.Contains(part, StringComparison.Ordinal));
}
