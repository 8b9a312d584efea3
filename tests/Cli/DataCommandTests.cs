using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Command data: tables that the library reads again, the same for the same seed.</summary>
public class DataCommandTests
{
    [Theory]
    [InlineData("addition", false)]
    [InlineData("reber", false)]
    [InlineData("adding --length 7", true)]
    [InlineData("at-least --letter A --least 2", true)]
    public void A_table_is_written_that_can_be_read(string problem, bool hasLabels)
    {
        using var folder = new CliFolder();
        string[] line = ["data", .. problem.Split(' '), "--count", "20"];

        string table = folder.Succeed([.. line, "--seed", "7"]);
        var file = SequenceFile.Parse("made.csv", Encoding.UTF8.GetBytes(table));

        Assert.Equal(20, file.Records.Count);
        Assert.Equal(hasLabels ? "label" : null, file.LabelColumn);
        Assert.Equal(table, folder.Succeed([.. line, "--seed", "7"]));
        Assert.NotEqual(table, folder.Succeed(line));
    }

    [Fact]
    public void The_options_say_what_is_made()
    {
        using var folder = new CliFolder();

        Assert.Equal(Table(MadeSequences.Addition(5, 3, 0)), folder.Succeed("data", "addition", "--count", "5"));
        Assert.Equal(Table(MadeSequences.Addition(5, 1, 2)), Made("addition", "--digits", "1"));
        Assert.Equal(Table(MadeSequences.EmbeddedReber(5, 2)), Made("reber"));
        Assert.Equal(Table(MadeSequences.AddingProblem(5, 50, 2)), Made("adding"));
        Assert.Equal(Table(MadeSequences.AtLeast(5, 'G', 3, 2)), Made("at-least"));
        Assert.Equal(Table(MadeSequences.AtLeast(5, 'A', 4, 2)), Made("at-least", "--letter", "A", "--least", "4"));

        string Made(params string[] line) => folder.Succeed(["data", .. line, "--count", "5", "--seed", "2"]);

        static string Table(SequenceRecord[] records)
        {
            var writer = new StringWriter();
            SequenceTable.Write(writer, records);
            return writer.ToString();
        }
    }

    [Theory]
    [InlineData("addition", "--count")]
    [InlineData("addition --count 0", "--count is '0', expected a whole number from 1 to 10000000. See 'spanrnn data addition --help'.")]
    [InlineData("addition --count 5 --digits 10", "--digits is '10', expected a whole number from 1 to 9.")]
    [InlineData("at-least --count 5 --letter g", "--letter is 'g', expected A or C or G or T.")]
    [InlineData("adding --count 5 --length 1", "--length is '1', expected a whole number from 2 to 100000.")]
    [InlineData("reber --count 5 --seed -1", "--seed is '-1', expected a whole number, 0 or more.")]
    [InlineData("sums --count 5", "sums")]
    [InlineData("", "See 'spanrnn data --help'.")]
    public void A_wrong_command_line_is_refused(string line, string expected)
    {
        using var folder = new CliFolder();

        string sentence = folder.Fail(2, ["data", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Contains(expected, sentence, StringComparison.Ordinal);
    }
}
