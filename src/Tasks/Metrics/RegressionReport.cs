namespace SpanRnn.Tasks;

/// <summary>Figures of predicted numbers, each with its interval of <see cref="Bootstrap"/>.</summary>
public sealed class RegressionReport
{
    /// <summary>Computes all figures.</summary>
    /// <param name="targets">[N] the right numbers.</param>
    /// <param name="predictions">[N] the predicted numbers.</param>
    /// <param name="seed">Any number, for the intervals.</param>
    /// <exception cref="ArgumentException">There are no rows, the lengths differ, or a number is not finite.</exception>
    public RegressionReport(ReadOnlySpan<double> targets, ReadOnlySpan<double> predictions, ulong seed)
    {
        if (targets.Length == 0 || predictions.Length != targets.Length)
        {
            throw new ArgumentException(
                $"'predictions' has {predictions.Length} elements, expected {targets.Length} as 'targets', above 0.", nameof(predictions));
        }

        double[] right = targets.ToArray();
        double[] errors = [.. predictions.ToArray().Zip(right, (prediction, target) => prediction - target)];
        if (!errors.All(double.IsFinite))
        {
            throw new ArgumentException(
                "'predictions' or 'targets' has a number that is not finite, expected finite ones.", nameof(predictions));
        }

        int rows = right.Length;
        RootMeanSquare = Bootstrap.Of(rows, counts => Math.Sqrt(Mean(counts, row => errors[row] * errors[row])), seed);
        MeanAbsolute = Bootstrap.Of(rows, counts => Mean(counts, row => Math.Abs(errors[row])), seed);
        Explained = Bootstrap.Of(
            rows,
            counts =>
            {
                double mean = Mean(counts, row => right[row]);
                double variance = Mean(counts, row => (right[row] - mean) * (right[row] - mean));
                return variance > 0 ? 1 - (Mean(counts, row => errors[row] * errors[row]) / variance) : double.NaN;
            },
            seed);
    }

    /// <summary>√(Σ (prediction − target)² / N).</summary>
    public Estimate RootMeanSquare { get; }

    /// <summary>Σ |prediction − target| / N.</summary>
    public Estimate MeanAbsolute { get; }

    /// <summary>
    /// R² = 1 − Σ (prediction − target)² / Σ (target − mean)²: 1 if all are right, 0 for the mean of the targets;
    /// NaN if they are all equal.
    /// </summary>
    public Estimate Explained { get; }

    private static double Mean(int[] counts, Func<int, double> number)
    {
        double sum = 0;
        long all = 0;
        for (int row = 0; row < counts.Length; row++)
        {
            if (counts[row] > 0)
            {
                sum += counts[row] * number(row);
                all += counts[row];
            }
        }

        return sum / all;
    }
}
