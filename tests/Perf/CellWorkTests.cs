using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>No call of a cell is timed before its outputs are right.</summary>
public class CellWorkTests
{
    private static readonly WeightPrecision[] _precisions = Enum.GetValues<WeightPrecision>();

    /// <summary>Outputs beside the network in double, and beside ONNX Runtime if it is installed.</summary>
    [Fact]
    public void Every_cell_call_and_precision_passes_its_check() =>
        Assert.All(
            from cell in Variants.Cells
            from one in new[]
            {
                new CellCase(CellCall.Step, cell, 3, 5, 1, 1, _precisions),
                new CellCase(CellCall.StepMany, cell, 3, 5, 1, 4, _precisions),
                new CellCase(CellCall.Run, cell, 3, 5, 7, 2, _precisions),
            }
            select one,
            one =>
            {
                using var work = new CellWork(one);
                work.Check();
            });

    [Fact]
    public void Other_parameters_and_inputs_are_found()
    {
        var of = new CellCase(CellCall.Step, CellKind.Lstm, 3, 5, 1, 1, WeightPrecision.Fp32);
        var problem = new CellProblem(of);
        var other = new CellProblem(of, seed: 2);
        double[] expected = problem.Expected();

        _ = CellWork.Error("own", problem.Results(problem.Own(WeightPrecision.Fp32)), expected, CellProblem.Bound(WeightPrecision.Fp32));
        PerfException e = Assert.Throws<PerfException>(() => CellWork.Error(
            "other", problem.Results(other.Own(WeightPrecision.Fp32)), expected, CellProblem.Bound(WeightPrecision.Int8)));

        Assert.StartsWith("other gives ", e.Message, StringComparison.Ordinal);
        Assert.Equal(Application.Failure, e.ExitCode);
    }

    /// <summary>The check runs several calls, so that a state that is not carried shows.</summary>
    [Fact]
    public void A_state_that_is_not_carried_is_found()
    {
        var of = new CellCase(CellCall.Step, CellKind.GruResetAfter, 3, 5, 1, 1, WeightPrecision.Fp32);
        var problem = new CellProblem(of);
        CellContender first = problem.Own(WeightPrecision.Fp32);
        CellContender current = first;

        // A new stream for every call.
        CellContender forgetful = first with
        {
            Run = () =>
            {
                current = problem.Own(WeightPrecision.Fp32);
                first.X.Span.CopyTo(current.X.Span);
                current.Run();
            },
            Y = () => current.Y(),
        };

        Assert.Throws<PerfException>(() => CellWork.Error("forgetful", problem.Results(forgetful), problem.Expected(), 3e-2));
    }

    [Theory]
    [InlineData(0, 1e-5, true)]
    [InlineData(0, 1.1e-5, false)]
    [InlineData(0, double.NaN, false)]
    public void The_bound_is_the_bound(double expected, double result, bool passes)
    {
        if (passes)
        {
            Assert.Equal(1e-5, CellWork.Error("x", [result], [expected], 1e-5), 1e-15);
        }
        else
        {
            Assert.Throws<PerfException>(() => CellWork.Error("x", [result], [expected], 1e-5));
        }
    }

    [Fact]
    public void The_limit_is_what_takes_longer()
    {
        var of = new CellCase(CellCall.StepMany, CellKind.Lstm, 64, 64, 1, 32, WeightPrecision.Fp32);
        using var limit = new CellLimit(of, WeightPrecision.Fp32);
        using var whole = new CellLimit(of, WeightPrecision.Int8);
        var none = new Timing([new(0, 9, 10), new(0, 9, 10), new(0, 9, 10)], 0);
        var some = new Timing([new(1, 8, 9), new(2, 9, 11), new(3, 10, 10)], 0);

        // 4·64 rows by 128 columns, 32 streams: 2,097,152 operations, in samples of half as many.
        (string name, Timing time) = limit.Of(none, some, 1_048_576);
        Assert.Equal(("multiply-add", 4.0), (name, time.Median));
        Assert.Equal([new Batch(2, 8, 10), new Batch(4, 9, 11), new Batch(6, 9, 10)], time.Batches);

        (name, time) = limit.Of(some, none, 1_048_576);
        Assert.NotEqual("multiply-add", name);
        Assert.True(time.Median > 0);
        Assert.Equal(0, whole.Of(none, some, 1_048_576).Time.Median);
    }

    [Fact]
    public void Every_case_has_a_name_of_its_own()
    {
        string[] names = [.. CellCases.All().Select(one => one.Name)];

        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Contains("Step LSTM 128, 128", names);
    }

    [Fact]
    public void Percentiles_are_times_that_so_many_steps_kept_to()
    {
        long[] ticks = [.. Enumerable.Range(1, 2000)];
        double tick = 1e9 / System.Diagnostics.Stopwatch.Frequency;

        PercentileFigure figure = Percentiles.Of("nothing", ticks, 0, 0);

        Assert.Equal(
            [1000 * tick, 1980 * tick, 1998 * tick, 2000 * tick], new[] { figure.P50, figure.P99, figure.P999, figure.Max });
    }
}
