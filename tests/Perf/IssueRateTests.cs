using System.Text.Json;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>Quiet and shared batches, and the medians of both, all on made-up numbers.</summary>
public class IssueRateTests
{
    private static readonly Batch[] _batches =
    [
        new(10, 9, 10), new(11, 8, 8), new(12, 8.5, 9), new(13, 10, 10),
        new(20, 5, 5), new(22, 5, 7.9), new(21, 4, 6),
        new(99, 5, 9), new(98, 7.9, 8),
    ];

    [Theory]
    [InlineData(8, 10, true, false)]
    [InlineData(7.99, 10, false, false)]
    [InlineData(5, 7.99, false, true)]
    [InlineData(5, 8, false, false)]
    [InlineData(double.NaN, double.NaN, false, false)]
    public void A_batch_is_of_a_kind_if_both_rates_are(double least, double most, bool quiet, bool shared)
    {
        var batch = new Batch(1, least, most);

        Assert.Equal(quiet, batch.IsQuiet(10));
        Assert.Equal(shared, batch.IsShared(10));
    }

    /// <summary>The median of an even count is the higher number of the middle two, as everywhere here.</summary>
    [Fact]
    public void Medians_are_those_of_their_kind() => Assert.Equal(new StateMedians(12, 21, 4, 3), StateMedians.Of(_batches, 10));

    /// <summary>By the best rate of a run that saw no quiet core, all batches are quiet; by a better later rate, none is.</summary>
    [Fact]
    public void The_best_rate_decides()
    {
        Assert.Equal(3, StateMedians.Of(_batches[4..7], 5).QuietBatches);
        Assert.Equal(new StateMedians(null, 21, 0, 3), StateMedians.Of(_batches[4..7], 10));
    }

    [Fact]
    public void Too_few_batches_have_no_median() =>
        Assert.Equal(new StateMedians(null, null, 2, 2), StateMedians.Of([.. _batches[..2], .. _batches[4..6], .. _batches[7..]], 10));

    /// <summary>A ratio is of a kind only if both sides were.</summary>
    [Fact]
    public void A_ratio_needs_both_sides()
    {
        Batch[] ours = [new(1, 10, 10), new(2, 10, 10), new(4, 9, 10), new(5, 5, 5), new(5, 5, 6), new(5, 5, 5), new(1, 10, 10)];
        Batch[] others = [new(2, 9, 9), new(6, 8, 9), new(16, 9, 9), new(5, 6, 6), new(10, 6, 6), new(15, 6, 6), new(7, 5, 5)];
        (Timing one, Timing other) = (new(ours, 0), new(others, 0));

        var beside = BesideFigure.Of(other, one, bestRate: 10);

        Assert.Equal(new StateMedians(3, 2, 3, 3), beside.ByState);
        Assert.Equal(3, beside.Ratio);
        Assert.Equal(2, beside.BestRatio);
        Assert.Equal((7, 2), (beside.Nanoseconds, beside.LeastNanoseconds));
    }

    /// <summary>A core that is taken away for a while, as the probe sees it: exactly the batches of that while are shared.</summary>
    [Fact]
    public void A_shared_core_is_marked()
    {
        // One probe more before the first batch.
        int probes = -1;
        double Rate() => probes++ / 2 is >= 8 and < 16 ? 5.5 : 10;
        Burst burst = calls => 1000.0 * calls;

        // Two in turn: their batches 4 to 7 are the pairs of probes 8 to 15.
        Timing[] timings = Timing.Measure([burst, burst], batchMilliseconds: 0.01, batches: 12, Rate);

        Assert.Equal(48, probes);
        Assert.All(timings, timing =>
        {
            Assert.Equal(
                [false, false, false, false, true, true, true, true, false, false, false, false],
                timing.Batches.Select(batch => batch.IsShared(10)));
            Assert.All(timing.Batches, batch => Assert.NotEqual(batch.IsQuiet(10), batch.IsShared(10)));
            Assert.Equal(new StateMedians(1000, 1000, 8, 4), timing.ByState(10));
        });
    }

    /// <summary>A batch within which the core changes is neither.</summary>
    [Fact]
    public void A_core_that_changes_meanwhile_is_neither()
    {
        int probes = -1;
        Burst burst = calls => 1000.0 * calls;

        Timing[] timings = Timing.Measure([burst], batchMilliseconds: 0.01, batches: 5, () => probes++ % 2 == 0 ? 10 : 5);

        Assert.Equal(new StateMedians(null, null, 0, 0), timings[0].ByState(10));
    }

    [Fact]
    public void A_run_says_how_much_of_it_was_quiet()
    {
        var rates = new IssueRates();
        rates.Add(_batches.AsSpan(4));
        Assert.Equal(9, rates.Best);

        rates.Add(_batches.AsSpan(0, 4));

        Assert.Equal(new IssueRateFigure(10, 9, 6, 9, 4, 3), rates.Figure());
        Assert.Equal(new IssueRateFigure(0, null, null, 0, 0, 0), new IssueRates().Figure());
    }

    [Fact]
    public void The_loop_gives_a_rate() => Assert.InRange(IssueLoop.Measure(), double.Epsilon, double.MaxValue);

    [Fact]
    public void Of_processes_the_middle_counts()
    {
        StateMedians[] processes = [new(10, null, 5, 0), new(14, 30, 4, 3), new(11, 20, 9, 4), new(null, 40, 1, 9), new(90, null, 5, 0)];

        Assert.Equal(new StateMedians(14, 30, 24, 16), StateMedians.OfProcesses(processes));
        Assert.Equal(new StateMedians(null, null, 0, 0), StateMedians.OfProcesses([new(null, null, 0, 0)]));
    }

    /// <summary>Five processes, one of them slow for its whole life; every ratio comes from a process's own turns.</summary>
    [Fact]
    public void A_figure_of_processes_is_that_of_the_middle_one()
    {
        var of = new CellCase(CellCall.Step, CellKind.Lstm, 1, 16, 1, 1, WeightPrecision.Fp32);
        using var limit = new CellLimit(of, WeightPrecision.Fp32);
        CellTimes[] times =
        [
            Process(100, 300, "a", 500, "names"), Process(115, 230, "b", 460, "bound"), Process(101, 303, "b", 404, "bound"),
            Process(99, 396, "b", 495, "bound"), Process(98, 98, "a", 490, "names"),
        ];

        CellFigure figure = Assert.Single(new CellResult(of, [limit], 1000, [0.5], times).Figures(bestRate: 10));

        Assert.Equal((100, 98), (figure.Nanoseconds, figure.LeastNanoseconds));
        Assert.Equal(new StateMedians(100, null, 15, 0), figure.ByState);
        Assert.Equal((3, 3), (figure.Onnx!.Ratio, figure.Onnx.ByState.Quiet));
        Assert.Equal((300, 98), (figure.Onnx.Nanoseconds, figure.Onnx.LeastNanoseconds));
        Assert.Equal(new StateMedians(5, null, 15, 0), figure.OnnxManaged!.Time.ByState);
        Assert.Equal((5, 490), (figure.OnnxManaged.Time.Ratio, figure.OnnxManaged.Time.Nanoseconds));
        Assert.Equal(("bound", 0), (figure.OnnxManaged.Form, figure.OnnxManaged.Allocated));
        Assert.Equal(new StateMedians(0.5, null, 15, 0), figure.Product!.ByState);
        Assert.Equal(("b", 7, 0.5), (figure.OnnxForm, figure.Allocated, figure.Error));

        static CellTimes Process(double own, double onnx, string form, double managed, string managedForm) => new(
            [Always(own), Always(50), Always(1), Always(own / 2), Always(onnx), Always(managed, managedForm == "names" ? 576 : 0)],
            form,
            managedForm);
        static Timing Always(double time, double allocated = 0) =>
            new([new(time, 10, 10), new(time, 10, 10), new(time, 10, 10)], time == 115 ? 7 : allocated);
    }

    [Fact]
    public void A_process_is_read_as_it_writes()
    {
        CellTimes times = new([new([new(1.5, 2, 3), new(1, 2, 4)], 8)], "plain", "by names");
        string json = JsonSerializer.Serialize(times, ReportJson.Default.CellTimes);

        CellTimes read = CellProcesses.Read("case", Application.Success, json, string.Empty);

        Assert.Equal(("plain", "by names"), (read.OnnxForm, read.OnnxManagedForm));
        Timing timing = Assert.Single(read.Timings);
        Assert.Equal(times.Timings[0].Batches, timing.Batches);
        Assert.Equal((1.5, 1, 8), (timing.Median, timing.Minimum, timing.Allocated));
    }

    [Theory]
    [InlineData(1, "", "perf: it is wrong\nmore", "case was not measured (exit code 1): perf: it is wrong")]
    [InlineData(0, "nothing\n", "", "A process that measured case wrote 'nothing', expected its times as JSON.")]
    [InlineData(0, "", "", "A process that measured case wrote 'it said nothing', expected its times as JSON.")]
    [InlineData(0, "null", "", "A process that measured case wrote 'null', expected its times as JSON.")]
    [InlineData(0, "{}", "", "A process that measured case wrote '{}', expected its times as JSON.")]
    public void A_process_that_fails_says_why(int exitCode, string output, string error, string expected)
    {
        PerfException e = Assert.Throws<PerfException>(() => CellProcesses.Read("case", exitCode, output, error));

        Assert.Equal(expected, e.Message);
        Assert.Equal(exitCode == 0 ? Application.NotRun : exitCode, e.ExitCode);
    }

    /// <summary>A measuring process checks, times and writes.</summary>
    [Fact]
    public void A_small_step_is_measured()
    {
        CellCase of = CellCases.All().First();
        var output = new StringWriter();
        var error = new StringWriter();

        int code = Application.Run(["time-cell", of.Name, "--quick"], output, error);

        Assert.True(of.IsSmall);
        Assert.Equal(Application.Success, code);
        CellTimes times = CellProcesses.Read(of.Name, code, output.ToString(), error.ToString());
        Assert.Equal(8 + (times.OnnxForm is null ? 0 : 2), times.Timings.Length);
        Assert.All(times.Timings, timing => Assert.Equal(5, timing.Batches.Length));
        Assert.All(times.Timings, timing => Assert.All(timing.Batches, batch => Assert.InRange(batch.LeastRate, 0, batch.MostRate)));
    }

    [Fact]
    public void A_step_that_does_not_exist_is_refused()
    {
        var output = new StringWriter();
        var error = new StringWriter();

        Assert.Equal(Application.NotRun, Application.Run(["time-cell", "no such step"], output, error));

        Assert.StartsWith("perf: There is no case 'no such step'", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_of_small_networks_are_small()
    {
        Assert.True(Case(CellCall.Step, 16).IsSmall);
        Assert.True(Case(CellCall.Step, 64).IsSmall);
        Assert.False(Case(CellCall.Step, 128).IsSmall);
        Assert.False(Case(CellCall.Run, 16).IsSmall);

        static CellCase Case(CellCall call, int size) => new(call, CellKind.Lstm, 1, size, 1, 1, WeightPrecision.Fp32);
    }
}
