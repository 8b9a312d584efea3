using System.Text;
using System.Text.Json;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Command compare, and the JSON of train and evaluate.</summary>
public class CompareCommandTests
{
    [Fact]
    public void Both_halves_and_a_verdict_are_written()
    {
        using CliFolder folder = Ready();
        (int code, string output, string error) = folder.Run(
            [.. Line("{d.csv} --seeds 2 --threads 2"), "--report", "{r.html}", "--plot", "{p.svg}"]);

        Assert.True(code == ExitCode.Success, error);
        foreach (string half in new[] { "equal hidden size", "equal parameters" })
        {
            Assert.Matches($"\n  {half} +units +accuracy +worse by +95 % interval", output);
            Assert.Matches($"\n{half}: .* the best accuracy, [0-9.]+ %; ", output);
        }

        foreach (string cell in new[] { "Elman RNN", "LSTM", "GRU", "GRU \\(reset before\\)" })
        {
            Assert.Matches($"\n  {cell} +6 +[0-9.]+ ± [0-9.]+ % ", output);
            Assert.Matches($"\n  {cell} +6 +[0-9]+ +[0-9.]+ s +[0-9.]+ (ns|us) +[0-9,]+ bytes", output);
        }

        string page = File.ReadAllText(folder.File("r.html"));
        Assert.Contains("<h2>Equal parameters</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<td>GRU (reset before)</td>", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("<picture>").Length - 1);
        Assert.Contains("Equal hidden size", File.ReadAllText(folder.File("p.svg")), StringComparison.Ordinal);
        Assert.Matches("\nGRU +[█▓░ ]+ +[0-9.]+ %", output.ReplaceLineEndings("\n"));

        Assert.Matches("\n(Take [A-Za-z ()]+ of [0-9]+ units: |No network is the best by more than the spread: )", output);
        Assert.Matches("\n1 of [0-9]+: [A-Za-z ()]+ of [0-9]+, seed 0: accuracy [0-9.]+ %, [0-9.]+ s, about ", error);
        Assert.Contains("\ntask: classify into 2 classes; 4 characters (ACGT)\nnetwork: ", error, StringComparison.Ordinal);
        Assert.EndsWith(
            $"2 seeds; at most 2 epochs each\npage: {folder.File("r.html")}\npicture: {folder.File("p.svg")}\n",
            error.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d.csv", "--task last --label label", "accuracy", false)]
    [InlineData("d.csv", "--at 4 --bidirectional false", "accuracy", false)]
    [InlineData("n.csv", "", "root mean square error", true)]
    [InlineData("t.txt", "--tokens word --layers 2", "bits per symbol", true)]
    public void Json_has_every_figure(string data, string options, string score, bool isLowerBetter)
    {
        using CliFolder folder = Ready();
        string text = Output(folder, Line($"{{{data}}} --seeds 2 --json {options}".TrimEnd()));
        using var json = JsonDocument.Parse(text);
        JsonElement root = json.RootElement;

        Assert.Equal(score, root.GetProperty("score").GetString());
        Assert.Equal(isLowerBetter, root.GetProperty("lower_is_better").GetBoolean());
        Assert.Equal([0, 1], root.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt32()));
        JsonElement[] networks = [.. root.GetProperty("networks").EnumerateArray()];
        Assert.Equal(4, networks.Count(network => network.GetProperty("equal_hidden_size").GetBoolean()));
        Assert.Equal(4, networks.Count(network => network.GetProperty("equal_parameters").GetBoolean()));
        JsonElement best = Assert.Single(networks, network => network.GetProperty("best").GetBoolean());
        Assert.All(networks, network =>
        {
            double[] scores = [.. network.GetProperty("scores").EnumerateArray().Select(own => own.GetDouble())];
            Assert.Equal(2, scores.Length);
            Assert.Equal(scores.Average(), network.GetProperty("mean").GetDouble(), 1e-12);
            Assert.True(network.GetProperty("step_microseconds").GetDouble() > 0);
            Assert.True(isLowerBetter
                ? network.GetProperty("mean").GetDouble() >= best.GetProperty("mean").GetDouble()
                : network.GetProperty("mean").GetDouble() <= best.GetProperty("mean").GetDouble());
        });
    }

    [Theory]
    [InlineData("{d.csv} --budget 2x", 2, "--budget is '2x', expected a number above 0 and one of the units ms, s, m, min, h")]
    [InlineData("{d.csv} --at 3 --readout max", 2, "--readout and --at are given, expected one of them.")]
    [InlineData("{d.csv} --at 3 --task next", 2, "--readout or --at is given with Next, expected none: there is one output per symbol.")]
    [InlineData("{d.csv} --bidirectional --task next", 2, "--bidirectional is true, expected false to predict the next symbol")]
    [InlineData("{d.csv} --at 300", 1, "d.csv: line 2 has ")]
    [InlineData("{one.csv}", 1, ".csv: line 3 is the last one and all labels are 'yes', expected two classes or more.")]
    [InlineData("{empty.csv}", 1, ".csv: line 1 is the last one and no sequence was found, expected at least one.")]
    [InlineData("{single.txt}", 1, "1 sequence is too few to hold any out, expected at least two.")]
    [InlineData("{missing.csv}", 1, "missing.csv' does not exist, expected a file of sequences.")]
    public void A_wrong_line_is_one_sentence(string line, int code, string expected)
    {
        using CliFolder folder = Ready();
        Assert.Contains(expected, folder.Fail(code, Line(line)), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_and_evaluate_write_json()
    {
        using CliFolder folder = Ready();
        using var trained = JsonDocument.Parse(Output(
            folder,
            [.. "train {d.csv} --hidden 6 --epochs 2 --seeds 2 --output {m.safetensors} --json".Split(' ')]));
        Assert.Equal(folder.File("m.safetensors"), trained.RootElement.GetProperty("model").GetString());
        JsonElement[] runs = [.. trained.RootElement.GetProperty("runs").EnumerateArray()];
        Assert.Equal([0, 1], runs.Select(run => run.GetProperty("seed").GetInt32()));
        Assert.All(runs, run => Assert.Equal("accuracy", run.GetProperty("score").GetString()));

        using var folds = JsonDocument.Parse(Output(
            folder,
            [.. "train {d.csv} --hidden 6 --epochs 1 --folds 2 --json".Split(' ')]));
        Assert.Equal(JsonValueKind.Null, folds.RootElement.GetProperty("model").ValueKind);
        Assert.Equal([1, 2], folds.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("fold").GetInt32()));

        using var json = JsonDocument.Parse(Output(folder, "evaluate", "{m.safetensors}", "{d.csv}", "--json"));
        JsonElement figures = json.RootElement;
        var evaluation = SequenceEvaluation.Of(
            SequenceModel.Load(folder.File("m.safetensors")), SequenceFile.Load(folder.File("d.csv")));
        Assert.Equal(evaluation.Main.Value, figures.GetProperty("value").GetDouble());
        Assert.Equal(evaluation.Main.Low, figures.GetProperty("low").GetDouble());
        Assert.Equal(evaluation.Baselines.Count, figures.GetProperty("baselines").GetArrayLength());
        Assert.Equal(evaluation.Classification!.Auc.Value, figures.GetProperty("auc").GetProperty("value").GetDouble());
        Assert.Equal(
            evaluation.Sequences,
            figures.GetProperty("classes").EnumerateArray()
                .Sum(own => own.GetProperty("predicted_as").EnumerateArray().Sum(count => count.GetInt32())));
    }

    [Fact]
    public void A_budget_that_is_too_small_is_one_sentence_about_the_time()
    {
        using CliFolder folder = Ready();
        (int code, string output, string error) = folder.Run(Line("{d.csv} --budget 1ms"));

        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal("", output);
        Assert.Contains("spanrnn: The budget of 0.001 s is too small for one epoch of each of the ", error, StringComparison.Ordinal);
    }

    private static string Output(CliFolder folder, params string[] line)
    {
        (int code, string output, string error) = folder.Run(line);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private static string[] Line(string options) => [.. $"compare {options} --hidden 6 --epochs 2".Split(' ')];

    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        Table("d.csv", MadeSequences.AtLeast(60, 'G', 3, 1));
        Table("n.csv", MadeSequences.AddingProblem(40, 6, 1));
        folder.Write("t.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the cat\na dog\nthe dog a cat\n", 10))));
        folder.Write("one.csv", "sequence,label\nACGT,yes\nACG,yes\n"u8.ToArray());
        folder.Write("empty.csv", "sequence,label\n"u8.ToArray());
        folder.Write("single.txt", "ACGTACGT\n"u8.ToArray());
        return folder;

        void Table(string name, SequenceRecord[] records)
        {
            var writer = new StringWriter();
            SequenceTable.Write(writer, records);
            folder.Write(name, Encoding.UTF8.GetBytes(writer.ToString()));
        }
    }
}
