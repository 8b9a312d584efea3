using SpanRnn.Cli.Demo;
using SpanRnn.Cli.Output;

namespace SpanRnn.Tests;

public class DemoTests
{
    private static readonly DemoSettings _small =
        new() { HiddenSize = 8, Batches = 60, BatchSize = 16, TestStrings = 200, TimedSteps = 200 };

    [Fact]
    public void It_trains_compares_saves_loads_and_streams()
    {
        using var folder = new CliFolder();

        string first = Run(folder.File("a.safetensors"));

        Assert.Equal(["a.safetensors"], folder.Names());
        Assert.Equal(8, Assert.IsType<RecurrentLayer>(ModelFile.Load(folder.File("a.safetensors")).Spec.Layers[0]).HiddenSize);
        Assert.Equal([new FinalStateLayer(), new DenseLayer(1)], ModelFile.Load(folder.File("a.safetensors")).Spec.Layers[1..].ToArray());
        Assert.DoesNotContain('\u001b', first);
        foreach (string network in new[] { "Elman RNN  ", "LSTM  ", "GRU  " })
        {
            string[] rows = [.. first.Split('\n').Where(line => line.Contains(network, StringComparison.Ordinal))];
            Assert.Equal(2, rows.Length);
            Assert.EndsWith("  0", rows[0].TrimEnd(), StringComparison.Ordinal); // bytes allocated per step
            Assert.Matches(@"( +0\.\d{5} +\d+\.\d\d %){2}$", rows[1].TrimEnd()); // bf16, int8
        }

        Assert.Equal("GATTG", string.Concat(Streamed(first).Select(row => row[1])));
        Assert.Equal(["1", "1", "1", "1", "2"], Streamed(first).Select(row => row[2]));

        // Seeded: another run differs only in its timings, and its file not at all.
        string second = Run(folder.File("b.safetensors"));
        Assert.Equal(Losses(first), Losses(second));
        Assert.Equal(Streamed(first), Streamed(second));
        Assert.Equal(File.ReadAllBytes(folder.File("a.safetensors")), File.ReadAllBytes(folder.File("b.safetensors")));
    }

    [Fact]
    public void It_writes_no_file_unless_it_is_asked_to()
    {
        string before = Directory.GetCurrentDirectory();
        string[] names = Directory.GetFileSystemEntries(before);

        string output = Run(path: null);

        Assert.Equal(names, Directory.GetFileSystemEntries(before));
        Assert.Contains("Written as safetensors in memory and read again, it answers for GATTG:", output, StringComparison.Ordinal);
        Assert.Equal("GATTG", string.Concat(Streamed(output).Select(row => row[1])));
    }

    [Theory]
    [InlineData(new[] { 1.0, 1.0, 1.0 }, "All three answer 100.0 % of the strings right; the LSTM has the smallest loss.", 1)]
    [InlineData(new[] { 0.5, 0.75, 0.75 }, "2 of them answer 75.0 % of the strings right; of these the LSTM has the smaller loss.", 1)]
    [InlineData(new[] { 0.5, 0.25, 0.75 }, "The GRU answers most strings right, 75.0 %.", 2)]
    public void What_is_said_of_the_best_is_true(double[] accuracies, string expected, int best)
    {
        (string, double, double)[] results =
            [("Elman RNN", accuracies[0], 0.3), ("LSTM", accuracies[1], 0.1), ("GRU", accuracies[2], 0.2)];

        Assert.Equal((best, expected), DemoRun.Best(results));
    }

    [Theory]
    [InlineData(CellKind.Elman, 0.9)]
    [InlineData(CellKind.Lstm, 0.9)]
    [InlineData(CellKind.GruResetAfter, 0.98)]
    public void A_trained_network_answers_unseen_strings_with_weights_in_any_precision(CellKind cell, double accuracy)
    {
        DemoSettings settings = new() { Batches = 500 };
        var random = new RandomSource(5);
        string[] unseen = [.. Enumerable.Range(0, 500).Select(_ => DnaStrings.Draw(random, 21, 40))];
        using var network = new DemoNetwork("a network", cell, settings);
        (double before, _) = network.Test(unseen);

        network.Train(settings, new HashSet<string>(), (_, _) => { });
        (double after, _) = network.Test(unseen);

        Assert.InRange(before, 0, 0.95);
        Assert.InRange(after, accuracy, 1);
        Assert.Equal((0, 1), network.Round(unseen, WeightPrecision.Fp32));
        foreach ((WeightPrecision precision, double bound) in new[] { (WeightPrecision.Bf16, 1e-2), (WeightPrecision.Int8, 3e-2) })
        {
            (double error, double same) = network.Round(unseen, precision);
            Assert.InRange(error, 1e-9, bound);
            Assert.InRange(same, 0.995, 1);
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("GG", false)]
    [InlineData("GAGTG", true)]
    [InlineData("GGGG", true)]
    public void Three_G_are_counted(string text, bool expected) => Assert.Equal(expected, DnaStrings.HasThreeG(text));

    [Fact]
    public void Strings_are_encoded_time_major_without_their_padding()
    {
        var batch = new Batch<float>(ThreeG.Network(CellKind.Elman), Loss.BinaryCrossEntropy, symbols: false);
        batch.Set(3, [3, 3]);
        batch.Inputs.Fill(float.NaN);

        DnaStrings.Encode(["GT", "CGA"], batch);

        Assert.Equal((3, 2, 2), (batch.Layout.Steps, batch.Layout.Batch, batch.Layout.Length(0)));
        Assert.Equal(
            [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, float.NaN, float.NaN, float.NaN, float.NaN, 1, 0, 0, 0],
            batch.Inputs.ToArray());
        Assert.Equal([0, 0], batch.Targets.ToArray());
    }

    [Fact]
    public void A_string_of_other_characters_is_refused()
    {
        using var folder = new CliFolder();
        Assert.Contains(
            "--sequence has 'X' as its character 3, expected A, C, G or T.",
            folder.Fail(2, "demo", "--save", "{m.onnx}", "--sequence", "ACXG"),
            StringComparison.Ordinal);
        Assert.Contains("--sequence is empty", folder.Fail(2, "demo", "--sequence", ""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_to_is_found_before_the_training()
    {
        using var folder = new CliFolder();
        Assert.Contains("does not exist", folder.Fail(1, "demo", "--save", "{none/m.onnx}"), StringComparison.Ordinal);
    }

    private static string Run(string? path)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        Assert.Equal(0, DemoRun.Run(_small, "GATTG", path, new Terminal(output, error)));
        Assert.Equal("", error.ToString());
        return output.ToString();
    }

    private static string[] Losses(string output) =>
        [.. output.Split('\n').Where(line => line.Contains(": loss ", StringComparison.Ordinal))];

    /// <summary>The rows of the last table: step, character, count, probability.</summary>
    private static string[][] Streamed(string output) =>
    [
        .. output.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 4 && cells[1].Length == 1 && DnaStrings.Alphabet.Contains(cells[1], StringComparison.Ordinal)),
    ];
}
