using System.Diagnostics;
using System.Text.Json;
using SpanRnn.Cli.Bench;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>Results that do not depend on a time: budgets are so short or so long that every machine breaks or keeps them.</summary>
public class BenchCommandTests
{
    // Not 0: a collection that another test starts is sometimes counted on this thread. AllocationTests hold the step to 0.
    private const string SomeBytes = "1000000";

    [Theory]
    [InlineData("1h", 0)]
    [InlineData("3.6e6ms", 0)]
    [InlineData("1e-3ns", 1)]
    [InlineData("3600000000\u00B5s", 0)]
    [InlineData("0.001ns", 1)]
    public void The_exit_code_tells_whether_the_budget_is_kept(string budget, int expected)
    {
        using CliFolder folder = Ready();

        (int code, string output, string error) = folder.Run(
            "bench", "{m}", "--steps", "1000", "--budget", budget, "--max-bytes", SomeBytes);

        Assert.Equal(expected, code);
        Assert.Contains("p99.9 uses ", output, StringComparison.Ordinal);
        if (expected == 0)
        {
            Assert.Equal("", error);
            return;
        }

        string line = Assert.Single(error.TrimEnd().Split('\n'));
        Assert.StartsWith($"spanrnn: {folder.File("m")}: a step takes ", line, StringComparison.Ordinal);
        Assert.EndsWith(" at p99.9, expected at most 0.001 ns.", line.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fp32")]
    [InlineData("bf16")]
    [InlineData("int8")]
    public void Everything_measured_is_in_the_file(string precision)
    {
        using CliFolder folder = Ready();

        string output = folder.Succeed(
            "bench", "{m}", "--steps", "2000", "--precision", precision, "--rate", "48e3", "--percentile", "99.5", "--budget", "1h",
            "--max-bytes", SomeBytes, "--json", "{o.json}");

        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.File("o.json")));
        JsonElement root = json.RootElement;
        double Number(string name) => root.GetProperty(name).GetDouble();
        Assert.Equal(folder.File("m"), root.GetProperty("model").GetString());
        Assert.Equal(precision, root.GetProperty("precision").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", root.GetProperty("version").GetString());
        Assert.Matches("^[0-9a-f]{40}$", root.GetProperty("commit").GetString() ?? new string('0', 40));
        Assert.NotEqual("", root.GetProperty("processor").GetString());
        Assert.True(root.GetProperty("registerWidth").GetInt32() is 32 or 128 or 256 or 512);
        Assert.StartsWith(".NET ", root.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.Equal(2000, root.GetProperty("steps").GetInt32());
        Assert.InRange(Number("weightBytes"), 1, 1e6);
        Assert.InRange(Number("clockNanoseconds"), 0, 1e9);
        Assert.InRange(Number("firstNanoseconds"), 0, 1e12);
        Assert.InRange(Number("stepsPerSecond"), double.Epsilon, 1e12);
        Assert.InRange(Number("allocatedBytes"), 0, 1e6);
        Assert.InRange(Number("collections"), 0, 1e6);
        Assert.Equal(3600e9, Number("budgetNanoseconds"));
        Assert.Equal(99.5, Number("budgetPercentile"));
        Assert.Equal(double.Parse(SomeBytes, null), Number("maxBytes"));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("problem").ValueKind);

        JsonElement percentiles = root.GetProperty("percentiles");
        Assert.Equal(["p50", "p99", "p99.5", "p99.9", "p99.99"], percentiles.EnumerateObject().Select(property => property.Name));
        Assert.Equal(JsonValueKind.Null, percentiles.GetProperty("p99.99").ValueKind);
        double[] ascending =
        [
            .. percentiles.EnumerateObject().Take(4).Select(property => property.Value.GetDouble()), Number("maxNanoseconds"),
        ];
        Assert.Equal(ascending.Order(), ascending);
        Assert.Equal(2000, root.GetProperty("histogram").EnumerateArray().Sum(bin => bin.GetProperty("count").GetInt32()));

        JsonElement rate = root.GetProperty("rate");
        Assert.Equal(48000, rate.GetProperty("stepsPerSecond").GetDouble());
        Assert.Equal(1e9 / 48000, rate.GetProperty("periodNanoseconds").GetDouble());
        Assert.Equal(Number("meanNanoseconds") * 48000 / 1e9, rate.GetProperty("load").GetDouble());
        Assert.Equal(1, rate.GetProperty("load").GetDouble() * rate.GetProperty("realTimeFactor").GetDouble(), 1e-9);

        JsonElement signals = root.GetProperty("signals");
        foreach (string name in new[] { "silence", "denormal" })
        {
            Assert.Equal(
                signals.GetProperty($"{name}Nanoseconds").GetDouble() / signals.GetProperty("ordinaryNanoseconds").GetDouble(),
                signals.GetProperty($"{name}Ratio").GetDouble(),
                1e-9);
        }

        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('█', output);
        Assert.Contains('#', output);
        Assert.Contains("p99.99 -", Lines(output));
        Assert.Contains("48,000 steps/s: ", output, StringComparison.Ordinal);
        Assert.Contains("inputs of 1e-40 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_budget_is_in_the_file_too()
    {
        using CliFolder folder = Ready();

        (int code, _, string error) = folder.Run(
            "bench", "{m}", "--steps", "1000", "--budget", "0.001ns", "--max-bytes", SomeBytes, "--json", "{o.json}");

        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.File("o.json")));
        Assert.Equal(1, code);
        Assert.Equal($"spanrnn: {json.RootElement.GetProperty("problem").GetString()}", error.TrimEnd());
    }

    [Theory]
    [InlineData(null, 999, 1000, null)]
    [InlineData(50.0, 0, 0, null)]
    [InlineData(49.0, 0, 0, "m: a step takes 50.0 ns at p99.9, expected at most 49.0 ns.")]
    [InlineData(null, 24, 23, "m: 7,000 steps allocate 24 bytes, expected at most 23 bytes.")]
    [InlineData(
        20.0,
        24,
        0,
        "m: a step takes 50.0 ns at p99.9 and 7,000 steps allocate 24 bytes, expected at most 20.0 ns and at most 0 bytes.")]
    public void One_sentence_says_what_breaks_the_budget(double? budget, long bytes, long maxBytes, string? expected) =>
        Assert.Equal(
            expected, (Report() with { BudgetNanoseconds = budget, AllocatedBytes = bytes, MaxBytes = maxBytes }).Problem);

    [Fact]
    public void A_rate_beyond_one_core_is_a_failure()
    {
        using CliFolder folder = Ready();
        string[] line = ["bench", "{m}", "--steps", "100", "--max-bytes", SomeBytes, "--rate"];

        (int code, string output, string error) = folder.Run([.. line, "1e11"]);

        Assert.Equal(1, code);
        Assert.Contains("100,000,000,000 steps/s: ", output, StringComparison.Ordinal);
        Assert.Matches(@": the rate of 100,000,000,000 steps/s uses [\d.,]+ % of a core, expected at most one core\.\r?\n$", error);
        folder.Succeed([.. line, "1e-3"]);
    }

    [Theory]
    [InlineData(0.5, null)]
    [InlineData(1, null)]
    [InlineData(1.5, "m: the rate of 48,000 steps/s uses 150.0 % of a core, expected at most one core.")]
    public void More_than_a_core_is_said(double load, string? expected) =>
        Assert.Equal(expected, (Report() with { Rate = new BenchRate(48000, 1e9 / 48000, load, null) }).Problem);

    [Fact]
    public void Few_steps_have_percentiles_where_one_lies_above()
    {
        using CliFolder folder = Ready();

        string output = folder.Succeed("bench", "{m}", "--steps", "1", "--max-bytes", SomeBytes);

        Assert.Contains("p50 -", Lines(output));
        Assert.Contains("-: 1 step is too few", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Percentiles_are_samples()
    {
        long[] ticks = [.. Enumerable.Range(1, 1000)];
        new Random(1).Shuffle(ticks);
        var latencies = new Latencies(ticks);
        double tick = 1e9 / Stopwatch.Frequency;

        Assert.Equal(
            [1, 500, 990, 999, null],
            new[] { 0.01m, 50, 99, 99.9m, 99.91m }.Select(percentile => latencies.Percentile(percentile) / tick));
        Assert.Equal((500.5 * tick, 1000 * tick, 500 * tick), (latencies.Mean, latencies.Max, latencies.Median));
        Assert.Equal([2, 100, 1000, 10_000], new[] { 50, 99, 99.9m, 99.99m }.Select(Latencies.Needed));
    }

    [Theory]
    [InlineData(new long[] { 7, 7, 7 }, new[] { 3 })]
    [InlineData(new long[] { 0, 0, 1 }, new[] { 3 })]
    [InlineData(new long[] { 16, 3, 1 }, new[] { 1, 1, 0, 1 })]
    public void Bins_have_equal_ratios_and_hold_all(long[] ticks, int[] expected)
    {
        LatencyBin[] bins = new Latencies(ticks).Histogram(4);

        Assert.Equal(expected, bins.Select(bin => bin.Count));
        Assert.All(bins.Zip(bins.Skip(1)), pair => Assert.Equal(2, pair.Second.FromNanoseconds / pair.First.FromNanoseconds, 1e-9));
    }

    [Theory]
    [InlineData(100, "99.9", 10_000_000)]
    [InlineData(1000, "99.9", 2_000_000)]
    [InlineData(1e6, "99.9", 2000)]
    [InlineData(1e7, "99.9", 1000)]
    [InlineData(1e7, "99.9999", 1_000_000)]
    [InlineData(1e12, "1", 2)]
    public void Two_seconds_or_as_many_as_the_percentile_needs(double nanoseconds, string percentile, int expected) =>
        Assert.Equal(expected, BenchRun.Choose(nanoseconds, decimal.Parse(percentile, null)));

    [Theory]
    [InlineData("{m} --budget 20", "--budget is '20', expected a number above 0 and one of the units ns, us, ms, s, min, h")]
    [InlineData("{m} --budget 20parsec", "--budget is '20parsec', expected")]
    [InlineData("{m} --budget us", "--budget is 'us', expected")]
    [InlineData("{m} --budget 0us", "--budget is '0us', expected")]
    [InlineData("{m} --budget -1us", "--budget is '-1us', expected")]
    [InlineData("{m} --budget 1,5ms", "--budget is '1,5ms', expected")]
    [InlineData("{m} --budget NaNus", "--budget is 'NaNus', expected")]
    [InlineData("{m} --budget e3us", "--budget is 'e3us', expected")]
    [InlineData("{m} --budget 1e308h", "--budget is '1e308h', expected")]
    [InlineData("{m} --budget 1e3", "--budget is '1e3', expected")]
    [InlineData("{m} --budget", "Required argument missing for option: '--budget'")]
    [InlineData("{m} --percentile 0", "--percentile is '0', expected a number above 0 and below 100")]
    [InlineData("{m} --percentile 100", "--percentile is '100', expected a number above 0 and below 100")]
    [InlineData("{m} --percentile 99.9999999", "--percentile is '99.9999999', expected a number above 0 and below 100, at most 99.999999")]
    [InlineData("{m} --percentile p99", "--percentile is 'p99', expected")]
    [InlineData("{m} --max-bytes -1", "--max-bytes is '-1', expected a whole number, 0 or more")]
    [InlineData("{m} --max-bytes 0.5", "--max-bytes is '0.5', expected")]
    [InlineData("{m} --max-bytes 99999999999999999999", "--max-bytes is '99999999999999999999', expected")]
    [InlineData("{m} --rate 0", "--rate is '0', expected a number from 0.000001")]
    [InlineData("{m} --rate infinity", "--rate is 'infinity', expected")]
    [InlineData("{m} --rate 1e13", "--rate is '1e13', expected a number from 0.000001 to 1,000,000,000,000")]
    [InlineData("{m} --steps 0", "--steps is '0', expected a whole number from 1 to 100,000,000")]
    [InlineData("{m} --steps 1.5", "--steps is '1.5', expected")]
    [InlineData("{m} --steps 100000001", "--steps is '100000001', expected")]
    [InlineData("{m} --steps 999 --budget 1us", "--steps is 999, expected at least 1000 for the percentile 99.9")]
    [InlineData("{m} --steps 1 --steps 2", "--steps")]
    [InlineData("{m} --precision fp16", "--precision is 'fp16', expected fp32 or bf16 or int8")]
    [InlineData("{m} --slower-than 5%", "--slower-than has nothing to compare with, expected --against or --against-precision")]
    [InlineData("{m} --against {m} --slower-than 5", "--slower-than is '5', expected a number above 0, at most 1000, and a percent sign")]
    [InlineData("{m} --against {m} --slower-than 0%", "--slower-than is '0%', expected")]
    [InlineData("{m} --against {m} --slower-than -5%", "--slower-than is '-5%', expected")]
    [InlineData("{m} --against {m} --slower-than NaN%", "--slower-than is 'NaN%', expected")]
    [InlineData("{m} --against {m} --slower-than 1001%", "--slower-than is '1001%', expected")]
    [InlineData("{m} --against {m} --slower-than %", "--slower-than is '%', expected")]
    [InlineData("{m} --against ", "--against is empty")]
    [InlineData("{m} --against-precision fp16", "--against-precision is 'fp16', expected fp32 or bf16 or int8")]
    [InlineData("{m} --json ", "--json is empty")]
    [InlineData("", "Required argument 'MODEL' missing")]
    public void A_wrong_command_line_has_a_code_of_its_own(string line, string expected)
    {
        using CliFolder folder = Ready();
        string sentence = folder.Fail(2, ["bench", .. line.Length > 0 ? line.Split(' ') : []]);
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
        Assert.Contains("See 'spanrnn bench --help'.", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{none}", "none' does not exist")]
    [InlineData("{both}", "both: layer 0 runs in both directions and needs whole sequences, expected one that can be stepped")]
    [InlineData("{mixed}", "mixed: layer 1 runs in both directions and needs whole sequences")]
    [InlineData("{reverse}", "reverse: layer 1 runs in reverse and needs whole sequences")]
    [InlineData("{step}", "step: layer 1 takes step 3 and needs whole sequences")]
    [InlineData("{attention}", "attention: layer 1 weighs all steps (attention) and needs whole sequences")]
    [InlineData("{head} --head first", "head: layer 1 takes step 0 and needs whole sequences")]
    [InlineData("{m} --json {none/o}", "none/o' does not exist")]
    [InlineData("{m} --json {m}", "m' is read and would be overwritten")]
    [InlineData("{m} --against {none}", "none' does not exist")]
    [InlineData("{m} --against {both}", "both: layer 0 runs in both directions and needs whole sequences")]
    [InlineData("{m} --against {reverse}", "reverse: layer 1 runs in reverse and needs whole sequences")]
    [InlineData("{m} --against {three}", "three: a step has 3 inputs, expected 2 as in ")]
    [InlineData("{m} --against {three} --json {three}", "three' is read and would be overwritten")]
    [InlineData("{m} --nonlinearity relu", "the shapes belong to a GRU, expected an RNN")]
    public void What_cannot_be_measured_is_named(string line, string expected)
    {
        using CliFolder folder = Ready();
        var forward = new RecurrentLayer(CellKind.Lstm, 3);
        folder.WriteModel("both", new NetworkSpec(2, forward with { Bidirectional = true }));
        folder.WriteModel("mixed", new NetworkSpec(2, [forward, forward with { Bidirectional = true }]));
        folder.WriteModel("reverse", new NetworkSpec(2, [forward, forward with { Reverse = true }]));
        folder.WriteModel("three", new NetworkSpec(3, forward));
        folder.WriteModel("step", new NetworkSpec(2, forward, new StepLayer(3)));
        folder.WriteModel("attention", new NetworkSpec(2, forward, new AttentionLayer(), new DenseLayer(1)));
        folder.WriteStateDict("head", new NetworkSpec(2, forward, new DenseLayer(1)));
        Assert.Contains(expected, folder.Fail(1, ["bench", .. line.Split(' ')]), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_and_their_ratio_are_in_the_file()
    {
        using CliFolder folder = Ready();
        folder.WriteModel("n", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 7)));

        string output = folder.Succeed(
            "bench", "{m}", "--steps", "100", "--max-bytes", SomeBytes, "--against", "{n}", "--against-precision", "bf16", "--slower-than",
            "1000%", "--json", "{o.json}");

        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.File("o.json")));
        JsonElement against = json.RootElement.GetProperty("against");
        Assert.Equal((folder.File("n"), "bf16"), (against.GetProperty("model").GetString(), against.GetProperty("precision").GetString()));
        Assert.Equal((1, 1000), (against.GetProperty("looks").GetInt32(), against.GetProperty("slowerThan").GetDouble()));
        double[] Times(string name) => [.. against.GetProperty(name).EnumerateArray().Select(time => time.GetDouble())];
        var expected = SlowDown.Of(Times("otherTimes"), Times("times"), 0.025);
        JsonElement slowDown = against.GetProperty("slowDown");
        Assert.Equal(
            (40, expected.Ratio, expected.Low, expected.High),
            (
                Times("times").Length,
                slowDown.GetProperty("ratio").GetDouble(),
                slowDown.GetProperty("low").GetDouble(),
                slowDown.GetProperty("high").GetDouble()));
        Assert.Contains(against.GetProperty("nanoseconds").GetDouble(), Times("times"));
        Assert.Contains(against.GetProperty("otherNanoseconds").GetDouble(), Times("otherTimes"));
        Assert.Contains("95 % interval ", output, StringComparison.Ordinal);
    }

    /// <summary>A model of ten thousand times the work is slower on every machine.</summary>
    [Fact]
    public void A_slower_model_fails_after_a_second_look()
    {
        using CliFolder folder = Ready();
        folder.WriteModel("large", new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetAfter, 500)));
        string[] more = ["--steps", "10", "--max-bytes", SomeBytes, "--slower-than", "5%", "--json", "{o.json}"];

        (int code, string output, string error) = folder.Run(["bench", "{large}", "--against", "{m}", .. more]);

        Assert.Equal(1, code);
        Assert.Contains("at most 1.05 allowed; measured twice", output, StringComparison.Ordinal);
        Assert.Contains($" times as long as one of {folder.File("m")} in fp32 (95 % interval ", error, StringComparison.Ordinal);
        Assert.EndsWith("expected at most 1.05 times.", Assert.Single(error.TrimEnd().Split('\n')).TrimEnd(), StringComparison.Ordinal);
        folder.Succeed(["bench", "{m}", "--against", "{large}", .. more]);
    }

    [Theory]
    [InlineData(106, 5.0, true)]
    [InlineData(104, 5.0, false)]
    [InlineData(90, 5.0, false)]
    [InlineData(200, null, false)]
    public void Slower_than_allowed_is_said(double nanoseconds, double? slowerThan, bool expected)
    {
        double[] times = [.. Enumerable.Repeat(nanoseconds, 40)];
        double[] otherTimes = [.. Enumerable.Repeat(100.0, 40)];
        var comparison = new BenchComparison("n", "int8", 0, null, 1, times, otherTimes, slowerThan);

        Assert.Equal(expected, comparison.IsSlower);
        Assert.Equal(
            expected
                ? "m: a step takes 1.060 times as long as one of n in int8 (95 % interval 1.060 to 1.060), expected at most 1.05 times."
                : null,
            (Report() with { Against = comparison }).Problem);
    }

    [Fact]
    public void NaN_in_the_model_is_measured_and_said()
    {
        using CliFolder folder = Ready();
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 3));
        float[] parameters = new float[spec.Parameters.Length];
        parameters[1] = float.NaN;
        folder.Write("nan", PyTorchWriter.ToBytes<float>(spec, parameters));

        (int code, string output, string error) = folder.Run("bench", "{nan}", "--steps", "1000", "--max-bytes", SomeBytes);

        Assert.Equal(0, code);
        Assert.Contains("p99.9 ", output, StringComparison.Ordinal);
        Assert.StartsWith($"spanrnn: warning: {folder.File("nan")}: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    /// <summary>A GRU of 5 units.</summary>
    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetAfter, 5)));
        return folder;
    }

    /// <summary>The lines with single spaces.</summary>
    private static string[] Lines(string output) =>
        [.. output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).TrimEnd())];

    private static BenchReport Report() => new()
    {
        Model = "m",
        Precision = "fp32",
        WeightBytes = 0,
        RegisterWidth = 256,
        Warning = null,
        Steps = 7000,
        ClockNanoseconds = 0,
        FirstNanoseconds = 0,
        MeanNanoseconds = 0,
        MaxNanoseconds = 0,
        Percentiles = new() { ["p99.9"] = 50 },
        Histogram = [],
        StepsPerSecond = 0,
        AllocatedBytes = 0,
        Collections = 0,
        Signals = new BenchSignals(1, 1, 1),
        Rate = null,
        BudgetPercentile = 99.9m,
        BudgetNanoseconds = null,
        MaxBytes = 0,
    };
}
