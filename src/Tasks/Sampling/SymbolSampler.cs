namespace SpanRnn.Tasks;

/// <summary>
/// Draws symbols from a distribution, such as that of the next symbol: as it is, sharper or flatter, or from its likeliest symbols alone.
/// It does not change, and any number of threads may use it.
/// </summary>
public sealed record SymbolSampler
{
    /// <summary>
    /// τ: p becomes p^(1/τ), scaled to the sum 1. Below 1 likely symbols become likelier, above 1 all become more alike; 0 draws the
    /// likeliest, the first of several. 0 or more, finite.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double Temperature
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Temperature), FormattableString.Invariant($"'Temperature' is {value}, expected a finite number, 0 or more."));
    } = 1;

    /// <summary>How many of the likeliest symbols may be drawn, at least 1; by default all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int TopCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(TopCount));
            field = value;
        }
    } = int.MaxValue;

    /// <summary>
    /// Only the fewest likeliest symbols that together have this probability or more may be drawn, above 0 and at most 1; by default 1
    /// (nucleus sampling, Holtzman et al. 2020).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double TopProbability
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(TopProbability), FormattableString.Invariant($"'TopProbability' is {value}, expected above 0 and at most 1."));
    } = 1;

    /// <summary>Draws a symbol. First the likeliest ones are chosen, then the temperature changes their probabilities.</summary>
    /// <param name="probabilities">[K] in, each 0 or more, one of them above 0; they need not have the sum 1.</param>
    /// <param name="random">The source; one number of it is used, none at the temperature 0.</param>
    /// <returns>Index of the symbol.</returns>
    /// <exception cref="ArgumentException">There is no probability above 0, or one is negative or not finite.</exception>
    public int Draw(ReadOnlySpan<float> probabilities, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double all = 0;
        foreach (float p in probabilities)
        {
            all += p >= 0 ? p : double.NaN;
        }

        if (!(all > 0 && double.IsFinite(all)))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"'probabilities' has the sum {all}, expected numbers of 0 or more, one above 0."),
                nameof(probabilities));
        }

        float[] p0 = probabilities.ToArray();
        int[] order = [.. Enumerable.Range(0, p0.Length).OrderByDescending(symbol => p0[symbol])];
        if (Temperature == 0)
        {
            return order[0];
        }

        int kept = 0;
        double together = 0;
        while (kept < Math.Min(TopCount, order.Length) && (kept == 0 || together < TopProbability * all))
        {
            together += p0[order[kept]];
            kept++;
        }

        // Relative to the likeliest, so that no power is too small for all of them.
        double[] weights = [.. order.Take(kept).Select(symbol => Math.Pow(p0[symbol] / (double)p0[order[0]], 1 / Temperature))];
        double place = random.NextDouble() * weights.Sum();
        int drawn = 0;
        while (drawn < kept - 1 && place >= weights[drawn])
        {
            place -= weights[drawn];
            drawn++;
        }

        return order[drawn];
    }
}
