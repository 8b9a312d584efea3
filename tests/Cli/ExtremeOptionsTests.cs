using System.CommandLine;
using SpanRnn.Cli;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Extreme values of every option of every command: an exit code as documented, and a sentence that explains it.</summary>
public class ExtremeOptionsTests
{
    private static readonly string[] _extremes = ["0", "-1", "1", "2147483647", "2147483648", "1e308", "1e-308", "NaN", ""];

    /// <summary>A line of each command that does little. An option of it that is tried is replaced.</summary>
    private static readonly Dictionary<string, string> _lines = new()
    {
        ["demo"] = "--sequence X",
        ["run"] = "{m} --input {x.npy} --output {o.npy}",
        ["train"] = "--cell lstm --hidden 2 --outputs 1 --input {x.npy} --target {y.npy} --loss mse --steps 2 --report 0 "
            + "--output {o.safetensors}",
        ["bench"] = "{m} --steps 20 --max-bytes 1000000",
        ["gradcheck"] = "{m} --input {x.npy} --output-gradient {y.npy}",
        ["inspect"] = "{m}",
        ["convert"] = "{m} {o.safetensors}",
        ["evaluate"] = "{c.safetensors} {d.csv}",
        ["predict"] = "{c.safetensors} {d.txt}",
        ["generate"] = "{n.safetensors} --length 5",
        ["encode"] = "{c.safetensors} {d.csv}",
        ["compare"] = "{d.csv} --hidden 1 --epochs 1 --seeds 1",
        ["forget"] = "--length 5 --hidden 2 --epochs 1",
    };

    /// <summary>Options and files that an option of train needs beside it.</summary>
    private static readonly Dictionary<string, string> _needed = new()
    {
        ["--symbols"] = "--input {s.npy}",
        ["--embedding"] = "--input {s.npy} --symbols 5",
        ["--steps"] = "--epochs 1",
        ["--horizon"] = "--chunk 1",
        ["--momentum"] = "--optimizer sgd",
        ["--resume"] = "--checkpoint {c}",
        ["--every"] = "--checkpoint {c}",
    };

    /// <summary>Options of train that are for sequences, with a line that does little.</summary>
    private static readonly string[] _ofSequences =
    [
        "--task", "--sequence", "--label", "--tokens", "--unknown", "--readout", "--at", "--validation", "--patience", "--folds", "--seeds",
        "--json",
    ];

    private const string Sequences = "{d.csv} --hidden 2 --epochs 1 --output {o.safetensors}";

    public static TheoryData<string> Commands() => [.. Root().Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void No_value_of_an_option_is_unexpected(string name)
    {
        System.CommandLine.Command command = Root().Subcommands.Single(command => command.Name == name);
        foreach (Option option in command.Options.Where(option => option is not System.CommandLine.Help.HelpOption))
        {
            foreach (string extreme in _extremes)
            {
                // A file is in the test's folder; an option without a value takes none.
                bool isFile = option.HelpName is "FILE" or "[NAME=]FILE";
                string value = isFile && extreme.Length > 0 ? $"{{{extreme}}}" : extreme;
                string[] arguments = [.. Line(name, option.Name), option.Name, .. option.ValueType == typeof(bool) ? [] : new[] { value }];
                Try(name, arguments, option.ValueType == typeof(bool) || isFile ? null : option.Name);
            }
        }

        for (int i = 0; i < command.Arguments.Count; i++)
        {
            foreach (string extreme in _extremes)
            {
                string value = extreme.Length > 0 ? $"{{{extreme}}}" : extreme;
                string[] line = _lines[name].Split(' ');
                Try(name, [.. line[..i], value, .. name == "train" ? line : line[(i + 1)..]], symbol: null);
            }
        }
    }

    [Theory]
    [InlineData("--hidden 30000", "--hidden is 30000, expected less: ")]
    [InlineData("--hidden 2147483647", "--hidden is 2147483647, expected less: ")]
    [InlineData("--hidden 2147483647 --layers 1000", "--hidden is 2147483647, expected less: ")]
    [InlineData("--hidden 16000 --bidirectional --layers 5", "--hidden is 16000, expected less: ")]
    [InlineData("--hidden 800 --layers 1000", "--layers is 1000, expected less: ")]
    [InlineData("--hidden 2 --outputs 2147483647", "--outputs is 2147483647, expected less: ")]
    [InlineData("--hidden 2 --symbols 2147483647 --input {s.npy}", "--symbols is 2147483647, expected less: ")]
    [InlineData("--hidden 2 --symbols 5 --embedding 2147483647 --input {s.npy}", "--embedding is 2147483647, expected less: ")]
    [InlineData("--hidden 2 --symbols 2000000 --embedding 1000000 --input {s.npy}", "--symbols is 2000000, expected less: ")]
    public void Numbers_that_overflow_are_named_by_their_option(string options, string expected)
    {
        using CliFolder folder = Ready();
        string input = options.Contains("--input", StringComparison.Ordinal) ? "" : " --input {x.npy}";
        string line = $"train --cell lstm {options}{input} --target {{y.npy}} --loss mse --steps 1 --output {{o.safetensors}}";
        Assert.Contains(expected, folder.Fail(2, line.Split(' ')), StringComparison.Ordinal);
    }

    private static RootCommand Root() => Application.CreateRoot(new Terminal(TextWriter.Null, TextWriter.Null));

    /// <summary>The line of a command without an option that is tried, and with what the option needs.</summary>
    private static List<string> Line(string name, string option)
    {
        bool hasSequences = name == "train" && _ofSequences.Contains(option);
        List<string> line =
            [.. (hasSequences ? option == "--folds" ? Sequences.Split(" --output")[0] : Sequences : _lines[name]).Split(' ')];
        string[] needed = name == "train" && _needed.TryGetValue(option, out string? more) ? more.Split(' ') : [];
        foreach (string gone in needed.Where(word => word.StartsWith("--", StringComparison.Ordinal)).Append(option))
        {
            int place = line.IndexOf(gone);
            if (place >= 0)
            {
                line.RemoveRange(place, 2);
            }
        }

        return [.. line, .. needed];
    }

    private static void Try(string name, string[] arguments, string? symbol)
    {
        using CliFolder folder = Ready();
        (int code, string output, string error) = folder.Run([name, .. arguments]);
        string all = $"{name} {string.Join(' ', arguments)}\nexit code {code}\n{output}{error}";
        Assert.DoesNotContain("unexpected", output + error, StringComparison.OrdinalIgnoreCase);
        Assert.True(code is ExitCode.Success or ExitCode.Failure or ExitCode.WrongCommandLine, all);
        if (code == ExitCode.Success)
        {
            Assert.True(!error.Contains("--help", StringComparison.Ordinal), all);
            return;
        }

        string sentence = Assert.Single(error.TrimEnd().Split('\n'));
        Assert.True(sentence.StartsWith("spanrnn: ", StringComparison.Ordinal), all);
        Assert.True(sentence.Contains("--help", StringComparison.Ordinal) == (code == ExitCode.WrongCommandLine), all);
        Assert.True(code != ExitCode.WrongCommandLine || symbol is null || sentence.Contains(symbol, StringComparison.Ordinal), all);
    }

    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 2), new DenseLayer(1)));
        folder.Write("d.csv", "label,sequence\n1,AC\n0,GT\n1,AAC\n0,GGT\n"u8.ToArray());
        folder.Write("d.txt", "AC\nGT\n"u8.ToArray());
        var task = SequenceTask.Of(SequenceFile.Load(folder.File("d.csv")));
        var classifier = new NetworkSpec(4, new RecurrentLayer(CellKind.Lstm, 2), new FinalStateLayer(), new DenseLayer(2));
        new SequenceModel(task, classifier, new float[classifier.Parameters.Length]).Save(folder.File("c.safetensors"));
        var writes = new NetworkSpec(5, new RecurrentLayer(CellKind.Lstm, 2), new DenseLayer(5));
        var file = SequenceFile.Load(folder.File("d.csv"));
        new SequenceModel(SequenceTask.Of(file, TaskKind.Next), writes, new float[writes.Parameters.Length]).Save(
            folder.File("n.safetensors"));
        folder.WriteArray("x.npy", 3, 2, 2);
        folder.WriteArray("y.npy", 3, 2, 1);
        folder.Write("s.npy", FormatBytes.Npy("<i8", "(3, 2)", new byte[3 * 2 * sizeof(long)]));
        return folder;
    }
}
