namespace SpanRnn.Tasks;

/// <summary>
/// Figures of a model of sequences, each with its interval of <see cref="Bootstrap"/>. Whole sequences are drawn, since the symbols of one
/// depend on each other; a single sequence has an interval of no width.
/// </summary>
public sealed class LikelihoodReport
{
    /// <summary>Computes both figures.</summary>
    /// <param name="logLikelihoods">[N] sum of ln p over the predicted symbols of each sequence, 0 or less.</param>
    /// <param name="symbols">[N] number of predicted symbols of each sequence, at least 1.</param>
    /// <param name="seed">Any number, for the intervals.</param>
    /// <exception cref="ArgumentException">There are no sequences, or the lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A sum is NaN or above 0, or a number of symbols is below 1.</exception>
    public LikelihoodReport(ReadOnlySpan<double> logLikelihoods, ReadOnlySpan<int> symbols, ulong seed)
    {
        if (symbols.Length == 0 || logLikelihoods.Length != symbols.Length)
        {
            throw new ArgumentException(
                $"'logLikelihoods' has {logLikelihoods.Length} elements, expected {symbols.Length} as 'symbols', above 0.",
                nameof(logLikelihoods));
        }

        double[] sums = logLikelihoods.ToArray();
        int[] lengths = symbols.ToArray();
        if (!sums.All(sum => sum <= 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(logLikelihoods), "'logLikelihoods' has NaN or a number above 0, expected 0 or less.");
        }

        if (lengths.Any(length => length < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(symbols), $"'symbols' has {lengths.Min()}, expected 1 or more.");
        }

        Estimate nats = Bootstrap.Of(sums.Length, NatsOf, seed);
        Perplexity = new Estimate(Math.Exp(nats.Value), Math.Exp(nats.Low), Math.Exp(nats.High));
        BitsPerSymbol = new Estimate(nats.Value / Math.Log(2), nats.Low / Math.Log(2), nats.High / Math.Log(2));

        double NatsOf(int[] counts)
        {
            double sum = 0;
            long all = 0;
            for (int i = 0; i < counts.Length; i++)
            {
                // Not 0 times −∞.
                sum += counts[i] == 0 ? 0 : counts[i] * sums[i];
                all += (long)counts[i] * lengths[i];
            }

            return Math.Max(0, -sum / all); // not −0
        }
    }

    /// <summary>exp(−Σ ln p / n) over all n predicted symbols: 1 if all are certain, K for guesses among K.</summary>
    public Estimate Perplexity { get; }

    /// <summary>−Σ log₂ p / n over all n predicted symbols.</summary>
    public Estimate BitsPerSymbol { get; }
}
