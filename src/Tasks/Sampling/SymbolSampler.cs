using System.Buffers;

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

    /// <summary>Draws a symbol. The likeliest ones are chosen, of equally likely ones the first; then the temperature counts.</summary>
    /// <param name="probabilities">[K] in, each 0 or more, one of them above 0; they need not have the sum 1.</param>
    /// <param name="random">The source; one number of it is used, none at the temperature 0.</param>
    /// <returns>Index of the symbol.</returns>
    /// <exception cref="ArgumentException">There is no probability above 0, or one is negative or not finite.</exception>
    /// <remarks>Allocates nothing once the shared pool of arrays has one of this length.</remarks>
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

        int likeliest = Activations.ArgMax(probabilities);
        if (Temperature == 0)
        {
            return likeliest;
        }

        float[] rented = ArrayPool<float>.Shared.Rent(probabilities.Length);
        Span<float> weights = rented.AsSpan(0, probabilities.Length);
        try
        {
            (float least, int ties) = Least(probabilities, all, weights);

            // Relative to the likeliest, so that no power is too small for all of them.
            double sum = 0;
            double most = probabilities[likeliest];
            for (int symbol = 0; symbol < weights.Length; symbol++)
            {
                float p = probabilities[symbol];
                bool isKept = p > least || (p == least && ties-- > 0);
                weights[symbol] = !isKept ? 0 : Temperature == 1 ? p : (float)Math.Pow(p / most, 1 / Temperature);
                sum += weights[symbol];
            }

            double place = random.NextDouble() * sum;
            int drawn = likeliest;
            for (int symbol = 0; symbol < weights.Length; symbol++)
            {
                if (weights[symbol] > 0)
                {
                    drawn = symbol;
                    if (place < weights[symbol])
                    {
                        break;
                    }

                    place -= weights[symbol];
                }
            }

            return drawn;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    // The least probability that may be drawn, and how many of those that have it may.
    private (float Least, int Ties) Least(ReadOnlySpan<float> probabilities, double all, Span<float> sorted)
    {
        if (TopCount >= probabilities.Length && TopProbability == 1)
        {
            return (0, 0);
        }

        probabilities.CopyTo(sorted);
        sorted.Sort();
        int kept = 0;
        double together = 0;
        while (kept < Math.Min(TopCount, sorted.Length) && (kept == 0 || together < TopProbability * all))
        {
            kept++;
            together += sorted[^kept];
        }

        float least = sorted[^kept];
        int above = 0;
        foreach (float p in probabilities)
        {
            above += p > least ? 1 : 0;
        }

        return (least, kept - above);
    }
}
