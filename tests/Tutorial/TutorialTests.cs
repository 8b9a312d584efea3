using System.Text;
using System.Text.RegularExpressions;
using SpanRnn.Cli;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Commands of docs/tutorial.md, run in the order of the page: they print what it shows.</summary>
public partial class TutorialTests
{
    /// <summary>Half a minute on one core.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void The_page_shows_what_the_commands_print() =>
        Run((block, output) => Assert.Empty(TutorialPage.Problems(block, output)), arguments => arguments);

    /// <summary>Few sequences and one epoch: every command finds its files and takes its options.</summary>
    [Fact]
    public void Every_command_of_the_page_runs() => Run((_, _) => { }, arguments =>
    {
        string[] small = [.. arguments];
        foreach ((string option, string value) in new[] { ("--epochs", "1"), ("--count", "60"), ("--seeds", "2"), ("--length", "10") })
        {
            int given = Array.IndexOf(small, option);
            if (given >= 0)
            {
                small[given + 1] = value;
            }
        }

        return small;
    });

    /// <summary>K behind G, A and S; L behind F, L and V; N behind D, E and T.</summary>
    [Fact]
    public void The_last_residue_of_an_invented_peptide_follows_from_its_first_one()
    {
        var file = SequenceFile.Load(Repository.PathOf("docs", "tutorial", "invented-peptides.csv"));

        Assert.Equal(300, file.Records.Count);
        Assert.All(file.Records, record =>
            Assert.Equal("KLN"["GASFLVDET".IndexOf(record.Sequence[0], StringComparison.Ordinal) / 3], record.Sequence[^1]));
    }

    /// <summary>The loss of q ← w1·q + w2·x over 1, 0, 1 beside w1 = 4 and w2 = 1.</summary>
    [Fact]
    public void The_differences_that_the_page_shows_are_right()
    {
        string page = Page();
        foreach ((double w1, double w2, string shown) in new[]
        {
            (4.01, 1.0, "4.3268"), (3.99, 1.0, "3.6868"), (4.0, 1.01, "4.7089"), (4.0, 0.99, "3.3489"),
        })
        {
            double q = 0;
            foreach (int x in new[] { 1, 0, 1 })
            {
                q = (w1 * q) + (w2 * x);
            }

            Assert.Equal(shown, FormattableString.Invariant($"{(q - 15) * (q - 15):f4}"));
            Assert.Contains(shown, page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(CellKind.Elman, 130)]
    [InlineData(CellKind.Lstm, 466)]
    [InlineData(CellKind.GruResetAfter, 354)]
    public void Eight_units_have_as_many_parameters_as_the_page_says(CellKind cell, int expected)
    {
        var spec = new NetworkSpec(4, new RecurrentLayer(cell, 8), new FinalStateLayer(), new DenseLayer(2));

        Assert.Equal(expected, spec.Parameters.Count);
        Assert.Matches($@"\b{expected}\b", Page());
    }

    [Theory]
    [InlineData("GRU 97.5 % 1,000", "\n  GRU   95.0 %   1,000\n──────\n", true)]
    [InlineData("GRU 97.5 % 1,000", "GRU 97.5 % 1,001", false)]
    [InlineData("GRU 97.5 %", "GRU 94.0 %", false)]
    [InlineData("GRU 97.5 %", "GRU NaN %", false)]
    [InlineData("GRU 97.5 %", "LSTM 97.5 %", false)]
    [InlineData("GRU 97.5 %", "GRU 97.5 %\nLSTM 97.5 %", false)]
    [InlineData("GRU 97.5 %\n…", "GRU 97.5 %\nLSTM 97.5 %", true)]
    [InlineData("GRU 97.5 %\n…\nlast", "GRU 97.5 %\nLSTM 97.5 %\nlast", true)]
    [InlineData("GRU 97.5 %\nlast", "GRU 97.5 %\nLSTM 97.5 %\nlast", false)]
    [InlineData("GRU 97.5 %\n…\nlast", "GRU 97.5 %", false)]
    [InlineData("GRU 97.5 % …", "GRU 97.5 % best", true)]
    [InlineData("GRU 97.5 % …", "GRU", false)]
    [InlineData("1.0e-3 ▂▁ …", "2.9e-3 ████▇ ▁", true)]
    [InlineData("1.0e-3 ▂▁ …", "3.1e-3 ████▇ ▁", false)]
    [InlineData("0.50 of 3.0 s", "0.52 of 9.0 s", true)]
    [InlineData("0.50 of 3.0 s", "0.54 of 3.0 s", false)]
    [InlineData("yes  1  2", "yes\t1\t3", true, "<!-- first 2 columns -->\n")]
    [InlineData("yes  1  2", "yes\t2\t2", false, "<!-- first 2 columns -->\n")]
    [InlineData("aba\naa", "abba\nabbba", true, "<!-- lines like ^ab*a$ -->\n")]
    [InlineData("aba\naa", "abba", false, "<!-- lines like ^ab*a$ -->\n")]
    [InlineData("aba\naa", "abba\nabc", false, "<!-- lines like ^ab*a$ -->\n")]
    public void Another_output_is_found(string shown, string output, bool isRight, string marker = "")
    {
        TutorialBlock[] blocks = [.. TutorialPage.Blocks($"a\n\n```sh\nspanrnn a\n```\n\n{marker}```text\n{shown}\n```\n\nb\n")];

        TutorialBlock block = Assert.Single(blocks);
        Assert.Equal((4, "spanrnn a"), (block.Line, Assert.Single(block.Commands)));
        Assert.Equal(isRight, !TutorialPage.Problems(block, output).Any());
    }

    private static string Page() => File.ReadAllText(Repository.PathOf("docs", "tutorial.md"));

    private static void Run(Action<TutorialBlock, string> check, Func<string[], string[]> change)
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Repository.PathOf("docs", "tutorial")))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        TutorialBlock[] blocks = [.. TutorialPage.Blocks(Page())];
        Assert.True(blocks.Length > 10);
        foreach (TutorialBlock block in blocks)
        {
            var output = new StringBuilder();
            foreach (string line in block.Commands)
            {
                output.Append(Run(line, folder, change));
            }

            check(block, output.ToString());
        }
    }

    // Of a shell there is no more than "echo TEXT |" in front and "> FILE" behind.
    private static string Run(string line, TemporaryFolder folder, Func<string[], string[]> change)
    {
        Match command = CommandLine().Match(line);
        Assert.True(command.Success, $"'{line}' is not a command of the form [echo TEXT |] spanrnn ARGUMENTS [> FILE].");
        string[] arguments = change([.. Word().Matches(command.Groups["arguments"].Value).Select(word => word.Value.Trim('"'))]);
        byte[] input = Encoding.UTF8.GetBytes(command.Groups["input"].Value + "\n");
        var output = new StringWriter();
        var error = new StringWriter();

        arguments = [.. arguments.Select(word => FileName().IsMatch(word) ? folder.File(word) : word)];

        int code = Application.Run(arguments, output, error, () => new MemoryStream(input));

        Assert.True(code == 0, $"'{line}' ended with the exit code {code}: {error}");
        if (command.Groups["file"] is not { Success: true, Value: string file })
        {
            return output.ToString().Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        }

        File.WriteAllText(folder.File(file), output.ToString());
        return "";
    }

    [GeneratedRegex(@"^(echo (?<input>\S+) \| )?spanrnn (?<arguments>[^|>]*?(""[^""]*""[^|>""]*)*)( > (?<file>\S+))?$")]
    private static partial Regex CommandLine();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[\w-]+\.(csv|fa|npy|safetensors)$")]
    private static partial Regex FileName();
}
