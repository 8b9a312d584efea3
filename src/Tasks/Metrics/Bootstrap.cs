namespace SpanRnn.Tasks;

/// <summary>
/// Percentile bootstrap (Efron 1979): the figure of rows drawn again, as many as there are and each any number of times, shows how much it
/// would vary between data sets of this size.
/// </summary>
public static class Bootstrap
{
    /// <summary>Data sets that are drawn.</summary>
    public const int Resamples = 1000;

    /// <summary>Computes a figure and the interval that holds the middle 95 % of its values on drawn data sets.</summary>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="figure">Figure of a data set, which is given as how often it has each row; the array may not be kept.</param>
    /// <param name="seed">Any number. With the same seed all figures of the same number of rows are computed on the same data sets.</param>
    /// <returns>
    /// The figure with each row once, and the interval. Drawn data sets whose figure is NaN do not count; if all are, the interval is NaN.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rows"/> is below 1.</exception>
    public static Estimate Of(int rows, Func<int[], double> figure, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentNullException.ThrowIfNull(figure);
        int[] counts = new int[rows];
        Array.Fill(counts, 1);
        double value = figure(counts);

        var random = new RandomSource(seed);
        List<double> values = new(Resamples);
        for (int i = 0; i < Resamples; i++)
        {
            Array.Clear(counts);
            for (int row = 0; row < rows; row++)
            {
                counts[random.NextInt(rows)]++;
            }

            double drawn = figure(counts);
            if (!double.IsNaN(drawn))
            {
                values.Add(drawn);
            }
        }

        return Middle(value, values);
    }

    /// <summary>Makes the estimate of a figure and its values on drawn data sets, of which NaN do not count.</summary>
    internal static Estimate Middle(double value, IEnumerable<double> drawn)
    {
        double[] values = [.. drawn.Where(own => !double.IsNaN(own)).Order()];
        return values.Length == 0 ? new Estimate(value, double.NaN, double.NaN) : new Estimate(value, Quantile(0.025), Quantile(0.975));

        double Quantile(double fraction) => values[(int)Math.Round(fraction * (values.Length - 1))];
    }

    /// <summary>
    /// Computes a figure of rows that come in groups, such as the symbols of sequences, and its interval. Whole groups are drawn, since the
    /// rows of one depend on each other.
    /// </summary>
    /// <param name="groups">[N] number of each row's group, from 0 on without gaps.</param>
    /// <param name="figure">As for <see cref="Of(int, Func{int[], double}, ulong)"/>.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 0.</exception>
    public static Estimate Of(ReadOnlySpan<int> groups, Func<int[], double> figure, ulong seed)
    {
        if (groups.IsEmpty)
        {
            throw new ArgumentException("'groups' is empty, expected at least one row.", nameof(groups));
        }

        int count = 0;
        foreach (int group in groups)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(group, nameof(groups));
            count = Math.Max(count, group + 1);
        }

        int[] groupOf = groups.ToArray();
        int[] counts = new int[groupOf.Length];
        return Of(
            count,
            drawn =>
            {
                for (int row = 0; row < counts.Length; row++)
                {
                    counts[row] = drawn[groupOf[row]];
                }

                return figure(counts);
            },
            seed);
    }
}
