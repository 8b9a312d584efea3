using System.Text.Json;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>Printed and written reports.</summary>
public class ReportTests
{
    private static readonly StateMedians _none = new(null, null, 0, 0);

    private static readonly Report _report = new()
    {
        IssueRate = new IssueRateFigure(16.5, 15, 8.5, 200, 150, 30),
        Machine = new Machine(
            "A processor", 256, "A system", ".NET 10", new CacheSizes(32 << 10, 512 << 10, 32 << 20), "2026-01-31",
            new SortedDictionary<string, string> { ["Peer"] = "1.2.3" }),
        Limits = new MachineLimits(3.2, [new PeakFigure(256, "float", 100, 102.5, new(101, 90, 8, 3))],
            [new ReadFigure("L1", 24 << 10, 190, 195, new(191, null, 11, 0), null, null, null)]),
        Kernels =
        [
            new KernelFigure(
                "product", "2x3x4", "float", 1500, 1400, new(1450, 1800, 7, 4), 32, null,
                new LimitFigure("multiply-add", 100, null, 0.32, 0.34, new(0.33, 0.25, 6, 4)), 0, 0.25,
                [
                    new PeerFigure("present", 3000, 2900, 2.0, new(2.25, null, 5, 0), 0),
                    new PeerFigure("managed", 3000, 2900, 2.0, new(2.5, 1.75, 5, 3), 448),
                    new PeerFigure("absent", null, null, null, null, null),
                ]),
        ],
        Cells =
        [
            new CellFigure(
                "Step", "LSTM", "2, 3", "int8", 1500, 1400, new(1450, 1800, 7, 4), "L2",
                new BesideFigure(1200, 1190, 0.8, 0.85, new(0.82, 0.7, 7, 4)),
                new BesideFigure(1000, 990, 0.625, 0.8, new(0.8, 0.5, 7, 4)), "bound, no arena",
                new BesideFigure(3000, 2900, 2.0, 2.07, new(2.05, 1.5, 7, 4)),
                new ManagedFigure("by names", new BesideFigure(6000, 5900, 4.0, 4.25, new(4.5, 3.25, 7, 4)), 576), 0, 1.5e-4),
            new CellFigure(
                "Run", "GRU", "4, 5", "fp32", 1500, 1400, _none, "L2", new BesideFigure(1200, 1190, 0.8, 0.85, _none), null, null,
                null, null, 8, 0),
        ],
        Formats =
        [
            new FormatFigure(
                "a file", 1 << 20, 3e6, 2e6, new(2.9e6, 4e6, 7, 4), new BesideFigure(1e6, 1e6, 0.5, 0.4, new(0.625, 0.8, 7, 4)), 1e6, 1.5,
                800, new(790, null, 11, 0), new BesideFigure(800, 800, 1, 1, new(0.8, null, 11, 0))),
        ],
        Training = new TrainingFigures(
            [
                new TrainingFigure(
                    "Elman", 30, 4e6, 3.9e6, new(3.95e6, 5e6, 18, 3),
                    new BesideFigure(2e6, 1.9e6, 0.5, 0.4, new(0.8, 0.625, 18, 3)), 1.5,
                    [new TorchFigure("as installed", "Zen", new BesideFigure(1e7, 9e6, 2.5, 2.4, new(2.6, null, 18, 0)))], 2.3,
                    new BesideFigure(5e6, 5e6, 1.25, 1.2, new(1.3, 1.1, 18, 3)), new BesideFigure(2e6, 2e6, 0.5, 0.625, _none),
                    0, 1.5e-6, 480),
                new TrainingFigure("GRU", 31, 4e6, 3.9e6, _none, null, 1.5, [], 2.3, null, null, 8, 0, 744),
            ],
            "needs OpenBLAS",
            ["A note."]),
        Curve = [new CurveFigure(8, 50, 49, new(49.5, 60, 50, 5), 2560, 20)],
        Latency = new LatencyFigures(
            [new FirstCallFigure("first", 20, 10, 2, 2.5, 3)],
            [new PercentileFigure("single", "quiet", 1000, 10, 11, 12, 13, 0.5, 4)],
            new SteadyFigure("many", 1000, 100, 1, 2, 3)),
        OneStream = [new OneStreamFigure("LSTM", "2, 3", "bf16", 20, 10, 0.5, new(0.55, null, 7, 2), 4)],
        Denormals = [new DenormalFigure("step", "double", 10, 10.5, 1.05, new(1.04, 1.1, 7, 4))],
    };

    [Fact]
    public void A_table_says_what_is_not_installed()
    {
        var output = new StringWriter();

        ReportTables.Write(_report, output);

        string line = output.ToString().Split('\n').Single(line => line.Contains("2x3x4  float  1.50 us", StringComparison.Ordinal));
        Assert.Equal(
            [
                "2x3x4", "float", "1.50 us", "1.40 us", "32.0", "-", "multiply-add 100.0", "32 %", "34 %", "0", "25 %", "2.00x",
                "2.00x", "not installed",
            ],
            line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains("none given", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "Batches:",
        "Batches: 75 % on a quiet core, 15 % on a shared one, the rest in between. "
            + "Additions issued for each ns: 15.0 quiet, 8.5 shared, 16.5 at best.")]
    [InlineData("256 bits  ", "256 bits|float|100.0|102.5|101.0 / 90.0")]
    [InlineData("24 KiB", "L1|24 KiB|190.0|195.0|191.0 / -|none given|none given|- / -")]
    [InlineData(
        "7 / 4  1.45 us / 1.80 us  33 % / 25 %", "2x3x4|float|7 / 4|1.45 us / 1.80 us|33 % / 25 %|2.25 / -|2.50 / 1.75|- / -")]
    [InlineData(
        "7 / 4  1.45 us / 1.80 us  82 %", "LSTM|2, 3|int8|7 / 4|1.45 us / 1.80 us|82 % / 70 %|1.25 / 2.00|2.05 / 1.50|4.50 / 3.25")]
    [InlineData("18 / 3", "Elman|30|18 / 3|3.95 ms / 5.00 ms|1.25 / 1.60|2.60 / -|1.30 / 1.10|- / -")]
    [InlineData("11 / 0", "a file|7 / 4|2.90 ms / 4.00 ms|1.60 / 1.25|11 / 0|790.0 ns / -|1.250 / -")]
    [InlineData(
        "bound, no arena", "LSTM|2, 3|int8|1.50 us|L2 1.20 us|80 % (85)|1.60 (1.25)|3.00 us|bound, no arena|2.00 (2.07)|0|1.5e-4")]
    [InlineData("4, 5", "GRU|4, 5|fp32|1.50 us|L2 1.20 us|80 % (85)|-|not installed|-|-|8|0.0e+0")]
    [InlineData("by names", "LSTM|2, 3|int8|1.50 us|6.00 us|5.90 us|by names|4.00 (4.25)|576")]
    [InlineData("448", "product|2x3x4|float|managed|448")]
    [InlineData(
        "4.00 ms  3.90 ms  2.00 ms",
        "Elman|30|4.00 ms|3.90 ms|2.00 ms|2.00 (2.50)|1.50|2.50 (2.40)|2.30|1.25 (1.20)|2.00 (1.60)|1.70|0|1.5e-6")]
    [InlineData("4.00 ms  3.90 ms        -", "GRU|31|4.00 ms|3.90 ms|-|-|1.50|needs OpenBLAS|2.30|-|-|1.70|8|0.0e+0")]
    [InlineData("as installed", "Elman|30|PyTorch|as installed|Zen|10.00 ms|9.00 ms|2.50 (2.40)")]
    [InlineData("oneDNN  ", "Elman|30|oneDNN|-|-|5.00 ms|5.00 ms|1.25 (1.20)")]
    [InlineData("480", "Elman|30|480|120|60|2")]
    [InlineData("A note.", "A note.")]
    [InlineData("2.5 KiB", "8|50.0 ns|49.0 ns|49.5 ns / 60.0 ns|2.5 KiB|20.00")]
    [InlineData("bf16", "LSTM|2, 3|bf16|20.0 ns|10.0 ns|0.50|0.55 / -|4")]
    [InlineData("first  ", "first|20.0 ns|10.0 ns|2.00|2.50|3")]
    [InlineData("single  ", "single|quiet|1000|10.0 ns|11.0 ns|12.0 ns|13.0 ns|0.50|4")]
    [InlineData("many  ", "many|1000|100.0 ns|1|2|3")]
    public void A_row_says_all_of_its_figure(string part, string expected)
    {
        var output = new StringWriter();

        ReportTables.Write(_report, output);

        string line = output.ToString().Split('\n').First(line => line.Contains(part, StringComparison.Ordinal));
        Assert.Equal(
            expected, string.Join('|', line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
    }

    /// <summary>The longest names and numbers that a run is likely to print.</summary>
    [Fact]
    public void A_table_fits_a_terminal_of_160_columns()
    {
        StateMedians far = new(100.25, 100.25, 100, 100), times = new(123456789, 123456789, 100, 100);
        PeerFigure[] peers =
        [
            new(PeerNames.TensorPrimitives, 1, 1, 10.25, far, 0), new(PeerNames.MathNet, 1, 1, 100.25, far, 0),
            new(PeerNames.OnnxPacked, 1, 1, 100.25, far, 0), new(PeerNames.OnnxManaged, 1, 1, 100.25, far, 448),
        ];
        KernelFigure[] figures =
        [
            new(
                "product", "3200x512x128", "double", 123450, 123450, times, 100.1, 100.1,
                new("multiply-add", 1000.1, null, 1, 1, far), 0, 1, peers),
            new(
                "vector", "4096x512", "double", 123450, 123450, times, 100.1, 100.1,
                new("back and forth", null, 1000.1, 1, 1, far), 0, 1, peers),
        ];
        var output = new StringWriter();

        var beside = new BesideFigure(123450, 123450, 1.25, 1.25, far);
        CellFigure cell = new(
            "Step", "GRU reset-before", "1024, 1024", "fp32", 123450, 123450, times, "back and forth", beside, beside, "bound, no arena",
            beside with { Ratio = 100.25, BestRatio = 100.25 },
            new ManagedFigure("by names", beside with { Ratio = 100.25, BestRatio = 100.25 }, 1576), 0, 1e-5);
        BesideFigure late = new(123456789, 123456789, 12.25, 12.25, far);
        TrainingFigure training = new(
            "LSTM", 256, 123456789, 123456789, times, late, 1.45, [new TorchFigure("SAPPHIRERAPIDS", "SapphireRapids", late)], 2.3, late,
            late, 0, 1e-5, 7168);
        ReportTables.Write(
            _report with { Kernels = figures, Cells = [cell], Training = new TrainingFigures([training], "not installed", []) }, output);

        Assert.All(output.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 160));
        Assert.All(output.ToString().Split('\n'), line => Assert.Equal(line.TrimEnd(), line.TrimEnd('\r')));
    }

    [Fact]
    public void A_page_has_the_versions_and_every_table()
    {
        using var folder = new TemporaryFolder();

        new ReportFiles(null, folder.File("page.md")).Write(_report);

        string page = File.ReadAllText(folder.File("page.md"));
        Assert.StartsWith("# A processor\n", page, StringComparison.Ordinal);
        Assert.Contains("Peer 1.2.3", page, StringComparison.Ordinal);
        Assert.Contains(
            "| 2x3x4 | float | 1.50 us | 1.40 us | 32.0 | - | multiply-add 100.0 | 32 % | 34 % | 0 | 25 % | 2.00x | 2.00x | not installed",
            page,
            StringComparison.Ordinal);
        Assert.Contains("| step | double | 10.0 ns | 10.5 ns | 1.05 | 1.04 / 1.10 |\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_every_figure()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("report.json");

        new ReportFiles(path, null).Write(_report);

        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement;
        Assert.Equal("1.2.3", root.GetProperty("machine").GetProperty("versions").GetProperty("Peer").GetString());
        Assert.Equal(512 << 10, root.GetProperty("machine").GetProperty("caches").GetProperty("level2").GetInt64());
        Assert.Equal(15, root.GetProperty("issueRate").GetProperty("quiet").GetDouble());
        Assert.Equal(150, root.GetProperty("issueRate").GetProperty("quietBatches").GetInt32());
        Assert.Equal(90, root.GetProperty("limits").GetProperty("peaks")[0].GetProperty("byState").GetProperty("shared").GetDouble());
        Assert.Equal(102.5, root.GetProperty("limits").GetProperty("peaks")[0].GetProperty("best").GetDouble());
        Assert.False(root.GetProperty("limits").GetProperty("reads")[0].TryGetProperty("hugeMedian", out _));
        JsonElement kernel = root.GetProperty("kernels")[0];
        Assert.Equal(1500, kernel.GetProperty("nanoseconds").GetDouble());
        Assert.Equal(0, kernel.GetProperty("allocated").GetDouble());
        Assert.Equal(0.25, kernel.GetProperty("error").GetDouble());
        Assert.Equal(1450, kernel.GetProperty("byState").GetProperty("quiet").GetDouble());
        Assert.Equal(4, kernel.GetProperty("byState").GetProperty("sharedBatches").GetInt32());
        Assert.Equal(0.25, kernel.GetProperty("limit").GetProperty("byState").GetProperty("shared").GetDouble());
        Assert.False(kernel.GetProperty("peers")[0].GetProperty("byState").TryGetProperty("shared", out _));
        Assert.Equal(0.32, kernel.GetProperty("limit").GetProperty("fraction").GetDouble());
        Assert.Equal(2, kernel.GetProperty("peers")[0].GetProperty("ratio").GetDouble());
        Assert.Equal(448, kernel.GetProperty("peers")[1].GetProperty("allocated").GetDouble());
        Assert.Equal("absent", kernel.GetProperty("peers")[2].GetProperty("name").GetString());
        Assert.False(kernel.GetProperty("peers")[2].TryGetProperty("ratio", out _));
        JsonElement cell = root.GetProperty("cells")[0];
        Assert.Equal(0.8, cell.GetProperty("limit").GetProperty("ratio").GetDouble());
        Assert.Equal(2, cell.GetProperty("onnx").GetProperty("ratio").GetDouble());
        Assert.Equal(576, cell.GetProperty("onnxManaged").GetProperty("allocated").GetDouble());
        Assert.Equal(4, cell.GetProperty("onnxManaged").GetProperty("time").GetProperty("ratio").GetDouble());
        Assert.False(root.GetProperty("cells")[1].TryGetProperty("onnx", out _));
        JsonElement training = root.GetProperty("training").GetProperty("steps")[0];
        Assert.Equal(2.5, training.GetProperty("bestTorch").GetProperty("time").GetProperty("ratio").GetDouble());
        Assert.Equal(0.5, training.GetProperty("twoThreads").GetProperty("ratio").GetDouble());
        Assert.Equal(480, training.GetProperty("tapeBytes").GetInt32());
        Assert.Equal(20, root.GetProperty("curve")[0].GetProperty("nanosecondsPerKibibyte").GetDouble());
        Assert.Equal(3, root.GetProperty("latency").GetProperty("steady").GetProperty("collections").GetInt32());
        Assert.Equal(1.05, root.GetProperty("denormals")[0].GetProperty("ratio").GetDouble());
    }

    [Fact]
    public void Trying_a_file_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();

        _ = new ReportFiles(folder.File("a.json"), folder.File("a.md"));

        Assert.Empty(folder.Names());
    }

    [Fact]
    public void This_run_names_its_machine_and_its_peers()
    {
        var machine = Machine.OfThisRun();

        Assert.NotEmpty(machine.Processor);
        Assert.Equal(["MathNet.Numerics", "ONNX Runtime", "SpanRnn", "System.Numerics.Tensors"], machine.Versions.Keys);
        Assert.Equal("5.0.0", machine.Versions["MathNet.Numerics"]);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("compare")]
    [InlineData("compare", "frobnicate")]
    [InlineData("compare", "kernels", "--filter", "no such kernel")]
    [InlineData("compare", "kernels", "--json", "no/such/folder/a.json")]
    [InlineData("compare", "cells", "--filter", "no such cell")]
    [InlineData("compare", "cells", "--page", "no/such/folder/a.md")]
    [InlineData("compare", "training", "--filter", "no such cell")]
    [InlineData("compare", "training", "--json", "no/such/folder/a.json")]
    [InlineData("latency", "--json", "no/such/folder/a.json")]
    [InlineData("limits", "--json", "no/such/folder/a.json")]
    [InlineData("limits", "--json")]
    [InlineData("limits", "--json", "")]
    [InlineData("compare", "kernels", "--page", "")]
    public void Bad_input_is_one_sentence(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();

        int code = Application.Run(arguments, output, error);

        Assert.Equal(Application.NotRun, code);
        Assert.Empty(output.ToString());
        Assert.Single(error.ToString().Split(error.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
