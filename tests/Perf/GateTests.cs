using System.Globalization;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>Slow-downs that the gate must catch, and noise that it must not; figures come from seeds, nothing is timed.</summary>
public class GateTests
{
    private const double Allowed = 1.05;

    // The gate's own default.
    private const int Rounds = 20;

    [Theory]
    [InlineData(0.03, 0.05, 0)]
    [InlineData(0.03, 0.1, 0)]
    [InlineData(0.03, 0, 0.002)]
    public void A_slow_down_of_ten_percent_in_one_case_is_caught(double spread, double spikes, double drift)
    {
        int caught = Failures(200, new Streams(8, Rounds, Allowed, 1.1, spread, spikes, drift));

        Assert.True(caught >= 190, $"{caught} of 200 slow-downs of 10 % were caught, expected at least 190.");
    }

    [Theory]
    [InlineData(8, 0.03, 0.05, 0)]
    [InlineData(30, 0.03, 0.05, 0)]
    [InlineData(8, 0.1, 0.1, 0)]
    [InlineData(8, 0.5, 0.3, 0)]
    [InlineData(8, 0.03, 0.05, 0.002)]
    public void Identical_revisions_pass_99_times_in_100(int cases, double spread, double spikes, double drift)
    {
        int failures = Failures(1000, new Streams(cases, 12, Allowed, 1, spread, spikes, drift));

        Assert.True(failures <= 10, $"{failures} of 1000 gates failed with identical revisions, expected at most 10.");
    }

    /// <summary>If no slow-down is allowed, only the intervals keep false alarms rare.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Identical_revisions_pass_99_times_in_100_even_if_nothing_is_allowed(int cases)
    {
        int failures = Failures(1000, new Streams(cases, 12, 1, 1, 0.1, 0.1, 0));

        Assert.True(failures <= 10, $"{failures} of 1000 gates failed with identical revisions, expected at most 10.");
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_speed_up_is_no_failure(double slowDown) =>
        Assert.Equal(0, Failures(200, new Streams(1, 12, Allowed, slowDown, 0.03, 0.05, 0)));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void One_figure_that_is_no_time_fails(double time)
    {
        CaseFigures bad = Quiet();
        bad.Times[3] = time;
        Assert.Equal(Verdict.NoFigures, Decide(bad).Verdict);

        bad = Quiet();
        bad.BaseTimes[3] = time;
        Assert.Equal(Verdict.NoFigures, Decide(bad).Verdict);
    }

    [Fact]
    public void A_missing_figure_fails()
    {
        CaseFigures quiet = Quiet();

        Assert.Equal(Verdict.NoFigures, Decide(quiet with { Times = quiet.Times[1..] }).Verdict);
        Assert.Equal(Verdict.NoFigures, Decide(quiet with { Times = [] }).Verdict);
        Assert.Equal(Verdict.NoFigures, Decide(quiet with { BaseTimes = [], Times = [] }).Verdict);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(24)]
    [InlineData(double.NaN)]
    public void What_allocates_fails(double bytes)
    {
        CaseResult result = Decide(Quiet() with { Bytes = bytes });

        Assert.Equal(Verdict.Allocates, result.Verdict);
        Assert.True(result.Fails);
        Assert.False(Decide(Quiet()).Fails);
    }

    [Fact]
    public void A_new_case_is_not_compared_but_may_not_allocate()
    {
        CaseFigures added = Quiet() with { BaseTimes = [] };

        Assert.Equal((Verdict.New, null), (Decide(added).Verdict, Decide(added).SlowDown));
        Assert.False(Decide(added).Fails);
        Assert.Equal(Verdict.Allocates, Decide(added with { Bytes = 1 }).Verdict);
    }

    [Fact]
    public void What_is_slow_at_the_first_look_only_passes_and_only_suspects_are_looked_at_again()
    {
        var machine = new NoisyMachine(1, 0.01, 0);
        var looks = new List<string>();

        CaseResult[] results = Judge.Decide(["a", "b", "c"], Allowed, names =>
        {
            looks.Add(string.Join(' ', names));
            return [.. names.Select(name => machine.Look(name, 12, name == "c" || (name == "b" && looks.Count == 1) ? 1.2 : 1))];
        });

        Assert.Equal(["a b c", "b c"], looks);
        Assert.Equal([Verdict.Passed, Verdict.Passed, Verdict.Slower], results.Select(result => result.Verdict));
        Assert.Equal([1, 2, 2], results.Select(result => result.Looks.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(30)]
    [InlineData(1000)]
    public void Two_looks_at_all_cases_fail_once_in_100(int cases)
    {
        double tail = Judge.Tail(cases);

        Assert.True(tail <= 0.025, $"The interval is narrower than 95 %: {tail} lie above it.");
        Assert.True(cases * tail * tail <= 0.01 * (1 + 1e-12), $"{cases} cases fail with the probability {cases * tail * tail}.");
    }

    [Fact]
    public void A_line_of_a_measuring_process_is_read_back()
    {
        var figure = new Figure("A B' + C, \"64\"", 1234.0625, 24);

        Assert.Equal(figure, Figure.Parse(figure.ToString()));
        Assert.Throws<PerfException>(() => Figure.Parse("// warming up"));
        Assert.Throws<PerfException>(() => Figure.Parse("""{"case":"a"}"""));
    }

    [Fact]
    public void Cases_have_names_of_their_own_and_a_short_list()
    {
        Assert.Equal(GateCases.All.Count, GateCases.All.Select(gateCase => gateCase.Name).Distinct().Count());
        Assert.InRange(GateCases.All.Count(gateCase => gateCase.IsShort), 6, 10);
    }

    [Fact]
    public void No_case_allocates() =>
        Assert.All(GateCases.All, gateCase => Assert.Equal((gateCase.Name, 0), (gateCase.Name, Allocation.Of(gateCase.Prepare()))));

    [Theory]
    [InlineData("--rounds 11", "--rounds is 11, expected 12 to 200")]
    [InlineData("--rounds few", "few")]
    [InlineData("--slower-than 0", "--slower-than is 0, expected more than 0")]
    [InlineData("--slower-than NaN", "--slower-than is NaN, expected more than 0")]
    [InlineData("--cases nonsense", "nonsense")]
    public void A_wrong_option_is_one_sentence(string options, string expected)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);

        int exitCode = Application.Run(["gate", .. options.Split(' ')], output, error);

        Assert.Equal((2, string.Empty), (exitCode, output.ToString()));
        string sentence = Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
    }

    private static CaseFigures Quiet() => new NoisyMachine(1, 0.01, 0).Look("quiet", 12, 1);

    private static CaseResult Decide(CaseFigures figures) => Assert.Single(Judge.Decide([figures.Name], Allowed, _ => [figures]));

    /// <summary>Number of whole gates that fail out of that many; the first case has the slow-down, the others none.</summary>
    private static int Failures(int trials, Streams streams)
    {
        string[] names = [.. Enumerable.Range(0, streams.Cases).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        int failures = 0;
        for (int trial = 0; trial < trials; trial++)
        {
            var machine = new NoisyMachine((ulong)trial, streams.Spread, streams.Spikes, streams.Drift);
            CaseResult[] results = Judge.Decide(names, streams.Allowed, looked =>
                [.. looked.Select(name => machine.Look(name, streams.Rounds, name == "0" ? streams.SlowDown : 1))]);
            failures += results.Any(result => result.Fails) ? 1 : 0;
        }

        return failures;
    }

    private sealed record Streams(int Cases, int Rounds, double Allowed, double SlowDown, double Spread, double Spikes, double Drift);
}
