using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class ClassificationReportTests
{
    // Computed by hand: predicted are 0, 0, 0, 1; of four pairs three are in order.
    [Fact]
    public void Figures_of_four_rows_are_those_by_hand()
    {
        ClassificationReport report = Of([0, 0, 1, 1], 0.1f, 0.4f, 0.35f, 0.8f);

        Assert.Equal([0, 0, 0, 1], report.Predicted);
        Assert.Equal(0.75, report.Accuracy.Value);
        Assert.Equal([2 / 3.0, 1], report.Precision.Select(precision => precision.Value));
        Assert.Equal([1, 0.5], report.Recall.Select(recall => recall.Value));
        Assert.Equal((2, 0, 1, 1), (report.Confusion(0, 0), report.Confusion(0, 1), report.Confusion(1, 0), report.Confusion(1, 1)));
        Assert.Equal(0.75, report.Auc.Value);

        // Bins of 0.9: 0.1; of 0.6 and 0.65: |0.4 - 0.65|; of 0.8: 0.2.
        Assert.Equal((0.1 + 0.25 + 0.2) / 4, report.CalibrationError.Value, 1e-7);
        Assert.Equal([0, 0, 0, 0, 0, 0, 2, 0, 2, 0], report.CalibrationBins.Select(bin => bin.Rows));
        Assert.Equal((0.5, 0.625), (report.CalibrationBins[6].Accuracy, Math.Round(report.CalibrationBins[6].Probability, 6)));
        Assert.Equal(double.NaN, report.CalibrationBins[0].Accuracy);
    }

    [Fact]
    public void Equal_probabilities_count_as_half()
    {
        Assert.Equal(0.5, Of([0, 1, 0, 1], 0.3f, 0.3f, 0.3f, 0.3f).Auc.Value);
        Assert.Equal(0.875, Of([0, 0, 1, 1], 0.1f, 0.4f, 0.4f, 0.8f).Auc.Value);
        Assert.Equal(0, Of([1, 0], 0.1f, 0.9f).Auc.Value);
    }

    [Fact]
    public void A_class_that_is_never_predicted_has_no_precision()
    {
        ClassificationReport report = Of([0, 0, 0], 0.1f, 0.4f, 0.35f);

        Assert.True(double.IsNaN(report.Precision[1].Value));
        Assert.True(double.IsNaN(report.Recall[1].Value));
        Assert.True(double.IsNaN(report.Auc.Value));
        Assert.Equal(new Estimate(1, 1, 1), report.Recall[0]);
    }

    /// <summary>All figures against plain formulas, on the whole data and, by their intervals, on drawn data sets.</summary>
    [Property(MaxTest = 10)]
    public void Figures_are_those_of_plain_formulas(byte rows, byte classes, ulong seed)
    {
        int n = 1 + (rows % 40);
        int k = 2 + (classes % 3);
        var random = new RandomSource(seed);
        int[] labels = [.. Enumerable.Range(0, n).Select(_ => random.NextInt(k))];
        float[] p = new float[n * k];
        for (int row = 0; row < n; row++)
        {
            // Few different numbers, so that some are equal.
            int[] parts = [.. Enumerable.Range(0, k).Select(_ => 1 + random.NextInt(4))];
            for (int c = 0; c < k; c++)
            {
                p[(row * k) + c] = (float)parts[c] / parts.Sum();
            }
        }

        var report = new ClassificationReport(labels, p, k, seed);

        int Predicted(int row) => Array.IndexOf(p, p[(row * k)..((row + 1) * k)].Max(), row * k) - (row * k);
        Near(Bootstrap.Of(n, counts => Mean(Rows(counts).Select(row => Predicted(row) == labels[row] ? 1.0 : 0)), seed), report.Accuracy);
        for (int c = 0; c < k; c++)
        {
            Near(
                Bootstrap.Of(
                    n,
                    counts => Mean(Rows(counts).Where(row => Predicted(row) == c).Select(row => labels[row] == c ? 1.0 : 0)),
                    seed),
                report.Precision[c]);
            Near(
                Bootstrap.Of(
                    n,
                    counts => Mean(Rows(counts).Where(row => labels[row] == c).Select(row => Predicted(row) == c ? 1.0 : 0)),
                    seed),
                report.Recall[c]);
        }

        int sum = Enumerable.Range(0, k * k).Sum(i => report.Confusion(i / k, i % k));
        Assert.Equal(n, sum);
        Near(Bootstrap.Of(n, counts => Auc([.. Rows(counts)]), seed), report.Auc);
        Near(Bootstrap.Of(n, counts => Calibration([.. Rows(counts)]), seed), report.CalibrationError);

        double Auc(int[] drawn) => Mean(Enumerable.Range(k == 2 ? 1 : 0, k == 2 ? 1 : k)
            .Select(c => Mean(
                from a in drawn
                from b in drawn
                where labels[a] == c && labels[b] != c
                select (Math.Sign(p[(a * k) + c].CompareTo(p[(b * k) + c])) + 1) / 2.0))
            .Where(auc => !double.IsNaN(auc)));

        double Calibration(int[] drawn) => drawn
            .GroupBy(row => Math.Min(9, (int)((double)p[(row * k) + Predicted(row)] * 10)))
            .Sum(bin => bin.Count() * Math.Abs(
                Mean(bin.Select(row => Predicted(row) == labels[row] ? 1.0 : 0))
                - Mean(bin.Select(row => (double)p[(row * k) + Predicted(row)]))))
            / drawn.Length;
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ClassificationReport([], [], 2, 1));
        Assert.Throws<ArgumentException>(() => new ClassificationReport([0], [1], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationReport([0], [1], 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationReport([2], [1, 0], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationReport([0], [1.5f, 0], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationReport([0], [float.NaN, 0], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of([0], 0.5f).Confusion(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of([0], 0.5f).Confusion(0, -1));
    }

    private static ClassificationReport Of(int[] labels, params float[] ofOne) =>
        new(labels, [.. ofOne.SelectMany(p => new[] { 1 - p, p })], 2, 1);

    private static IEnumerable<int> Rows(int[] counts) => counts.SelectMany((count, row) => Enumerable.Repeat(row, count));

    private static double Mean(IEnumerable<double> numbers) => numbers.DefaultIfEmpty(double.NaN).Average();

    private static void Near(Estimate expected, Estimate actual)
    {
        foreach ((double e, double a) in new[]
        {
            (expected.Value, actual.Value), (expected.Low, actual.Low), (expected.High, actual.High),
        })
        {
            Assert.True(double.IsNaN(e) ? double.IsNaN(a) : Math.Abs(e - a) <= 1e-12, $"{actual}, expected {expected}");
        }
    }
}
