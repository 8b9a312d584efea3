using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class CellComparisonTests
{
    private static readonly SequenceTrainingOptions _small = new() { HiddenSize = 8, Epochs = 2, Threads = 2 };

    [Fact]
    public void Cells_have_equal_sizes_once_and_equal_parameters_once()
    {
        (SequenceTask task, SequenceFile file) = Data();
        List<CellComparisonRun> runs = [];
        var comparison = CellComparison.Of(task, file, 3, _small, run: runs.Add);

        CellKind[] cells = [CellKind.Elman, CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore];
        Assert.Equal(cells, comparison.EqualHiddenSize.Select(network => network.Cell));
        Assert.Equal(cells, comparison.EqualParameters.Select(network => network.Cell));
        Assert.All(comparison.EqualHiddenSize, network => Assert.Equal(8, network.HiddenSize));
        long wanted = comparison.EqualHiddenSize[2].Parameters;
        Assert.All(comparison.EqualParameters, network =>
        {
            // One unit more or less is further away.
            long own = Math.Abs(network.Parameters - wanted);
            Assert.True(own <= Math.Abs(Count(network.Cell, network.HiddenSize + 1) - wanted), $"{network}");
            Assert.True(own <= Math.Abs(Count(network.Cell, network.HiddenSize - 1) - wanted), $"{network}");
        });

        // The GRU is in both halves, and trained once.
        Assert.Same(comparison.EqualHiddenSize[2], comparison.EqualParameters[2]);
        Assert.Equal(comparison.Networks.Count * 3, runs.Count);
        Assert.Equal(Enumerable.Range(1, runs.Count), runs.Select(run => run.Done));
        Assert.Equal([0UL, 1, 2], comparison.Seeds);
        Assert.Equal(2, comparison.Epochs);
        Assert.Equal("accuracy", comparison.ScoreName);
        Assert.False(comparison.IsLowerBetter);
        Assert.All(comparison.Networks, network =>
        {
            Assert.Equal(
                runs.Where(run => run.Network.Cell == network.Cell && run.Network.HiddenSize == network.HiddenSize)
                    .OrderBy(run => run.Seed).Select(run => run.Evaluation.Main.Value),
                network.Scores);
            Assert.True(network.StepNanoseconds > 0);
            Assert.True(network.StreamBytes >= network.HiddenSize * sizeof(float));
            Assert.True(network.WeightBytes >= network.HiddenSize * network.HiddenSize * sizeof(float));
        });

        long Count(CellKind cell, int hidden)
        {
            var layer = new RecurrentLayer(cell, Math.Max(hidden, 1)) { Bidirectional = true };
            long count = new NetworkSpec(4, layer, new PoolLayer(Pooling.Maximum), new DenseLayer(2)).Parameters.Count;
            return hidden < 1 ? long.MaxValue / 2 : count;
        }
    }

    [Fact]
    public void Scores_do_not_depend_on_threads_and_every_sequence_is_held_out_once_in_five_seeds()
    {
        (SequenceTask task, SequenceFile file) = Data();
        int sequences = 0;
        var one = CellComparison.Of(
            task, file, 5, _small with { Threads = 1, Epochs = 1 }, run: run => sequences += run.Evaluation.Sequences);
        var two = CellComparison.Of(task, file, 5, _small with { Epochs = 1 });

        Assert.Equal(one.Networks.SelectMany(network => network.Scores), two.Networks.SelectMany(network => network.Scores));
        Assert.Equal(file.Records.Count * one.Networks.Count, sequences);
    }

    /// <summary>By hand: differences 1, 2, 3 of three seeds have mean 2 and variance 1; t of two degrees is 4.302653.</summary>
    [Fact]
    public void A_difference_is_paired_by_seed_and_counts_what_trainings_share()
    {
        (SequenceTask task, SequenceFile file) = Data();
        var comparison = CellComparison.Of(task, file, 1, _small with { Epochs = 1 });
        ComparedNetwork good = With(5, 7, 9);
        ComparedNetwork bad = With(4, 5, 6);

        // A fifth is held out, and a tenth of the rest validates.
        double half = 4.302653 * Math.Sqrt((1.0 / 3) + (0.2 / (0.8 * 0.9)));

        Estimate worse = comparison.WorseBy(good, bad);
        Assert.Equal(2, worse.Value, 1e-12);
        Assert.Equal(2 - half, worse.Low, 1e-5);
        Assert.Equal(2 + half, worse.High, 1e-5);
        Assert.Equal(-2, comparison.WorseBy(bad, good).Value, 1e-12);
        Assert.Equal([good, bad], comparison.BestOf([bad, good]));

        // The same difference each time is above any spread.
        ComparedNetwork always = With(3, 5, 7);
        Assert.Equal([good], comparison.BestOf([always, good]));
        Assert.True(double.IsNaN(comparison.WorseBy(With(1), With(0)).Low));
        Assert.Equal(2, comparison.BestOf([With(1), With(0)]).Count);
        Assert.Throws<ArgumentException>("networks", () => comparison.BestOf([]));

        static ComparedNetwork With(params double[] scores) =>
            new() { Cell = CellKind.Lstm, HiddenSize = 1, Parameters = 1, Scores = scores };
    }

    [Fact]
    public void Of_errors_the_smaller_one_is_better()
    {
        var file = SequenceFile.Made(MadeSequences.AddingProblem(40, 5, 1));
        var comparison = CellComparison.Of(SequenceTask.Of(file), file, 2, _small);
        IReadOnlyList<ComparedNetwork> best = comparison.BestOf(comparison.Networks);

        Assert.True(comparison.IsLowerBetter);
        Assert.Equal(comparison.Networks.Min(network => network.Mean), best[0].Mean);
        Assert.All(
            comparison.Networks,
            network => Assert.Equal(network.Mean - best[0].Mean, comparison.WorseBy(best[0], network).Value, 1e-12));
    }

    /// <summary>Tables of Student's t: two-sided 95 %.</summary>
    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.30265)]
    [InlineData(3, 3.18245)]
    [InlineData(4, 2.77645)]
    [InlineData(9, 2.26216)]
    [InlineData(30, 2.04227)]
    [InlineData(999, 1.96234)]
    public void Quantiles_are_those_of_tables(int degrees, double expected) =>
        Assert.Equal(expected, SpanRnn.Tasks.Metrics.StudentT.Quantile(0.95, degrees), 1e-4);

    [Fact]
    public void A_budget_sets_the_epochs_and_one_too_small_is_refused()
    {
        (SequenceTask task, SequenceFile file) = Data();
        TimeoutException e = Assert.Throws<TimeoutException>(
            () => CellComparison.Of(task, file, 5, _small, TimeSpan.FromMilliseconds(1)));
        Assert.StartsWith("The budget of 0.001 s is too small for one epoch of each of the ", e.Message, StringComparison.Ordinal);

        // No machine runs a hundred thousand epochs of each network in twenty seconds, and any runs one.
        int epochs = CellComparison.Of(task, file, 2, _small with { Epochs = 100_000 }, TimeSpan.FromSeconds(20)).Epochs;
        Assert.InRange(epochs, 1, 99_999);

        // A day is enough for all epochs.
        Assert.Equal(2, CellComparison.Of(task, file, 2, _small, TimeSpan.FromDays(1)).Epochs);
        Assert.Throws<ArgumentOutOfRangeException>("budget", () => CellComparison.Of(task, file, 2, _small, TimeSpan.Zero));
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        (SequenceTask task, SequenceFile file) = Data();
        Assert.Throws<ArgumentException>("options", () => CellComparison.Of(task, file, 2, _small with { Cell = CellKind.Lstm }));
        Assert.Throws<ArgumentOutOfRangeException>("seeds", () => CellComparison.Of(task, file, 0, _small));
        Assert.Contains(
            "1 sequence is too few to hold any out",
            Assert.Throws<ModelFormatException>(() => CellComparison.Of(task, file.Part([0]), 2, _small)).Message,
            StringComparison.Ordinal);
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => CellComparison.Of(task, file, 2, _small, cancellationToken: canceled.Token));
    }

    private static (SequenceTask Task, SequenceFile File) Data()
    {
        var file = SequenceFile.Made(MadeSequences.AtLeast(60, 'G', 6, 3));
        return (SequenceTask.Of(file), file);
    }
}
