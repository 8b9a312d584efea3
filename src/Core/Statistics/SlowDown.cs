using System.Runtime.CompilerServices;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Ratio of two times that were measured in turn, with an interval.</summary>
/// <param name="Ratio">Time by base time; above 1 is slower.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <remarks>
/// <para>
/// The rounds are the samples, one ratio each. A round is two times of either side, in the order A B B A or B A A B, and the faster of
/// each two counts: a disturbance makes a time longer, never shorter, and seldom hits both. Rounds must be independent. A process or an
/// array keeps its place in memory for life, so measuring longer in the same place says nothing about the next.
/// </para>
/// <para>
/// The interval belongs to the signed-rank test (Wilcoxon 1945, Hodges and Lehmann 1963). The means of all pairs of log ratios are
/// sorted, a ratio paired with itself included; the ends are the k-th from below and from above, and the middle one is the estimate.
/// The only assumption is that noise affects both sides alike. A log ratio is then as often too large as too small by the same amount,
/// and the probability that an interval lies above the truth is exact, for spikes and heavy tails too. A single spike of 30 % widens a
/// t interval of the same rounds until a slow-down of 10 % goes through.
/// </para>
/// </remarks>
public readonly record struct SlowDown(double Ratio, double Low, double High)
{
    /// <summary>Slow-down from two times per round on each side. Allocates its ratios and their means.</summary>
    /// <param name="baseTimes">[2·rounds] in; finite and positive; of the base.</param>
    /// <param name="times">[2·rounds] in; finite and positive; of what may be slower.</param>
    /// <param name="tail">
    /// Probability that the interval lies above the truth, and that it lies below; 0.025 for an interval of 95 %. Too few rounds for it
    /// give the interval from 0 to ∞; 0.025 takes six.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, are odd or are 0; a time is not finite and positive; the tail is negative or not below 0.5.
    /// </exception>
    public static SlowDown Of(ReadOnlySpan<double> baseTimes, ReadOnlySpan<double> times, double tail)
    {
        int rounds = Guard.Positive(times.Length / 2);
        Guard.Length(times, 2 * rounds, "2·rounds");
        Guard.Length(baseTimes, times.Length, "times.Length");
        Guard.Fraction(2 * tail);
        double[] logRatios = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            logRatios[round] = Math.Log(Faster(times, round) / Faster(baseTimes, round));
        }

        double[] means = new double[rounds * (rounds + 1) / 2];
        for (int i = 0, next = 0; i < rounds; i++)
        {
            for (int j = i; j < rounds; j++)
            {
                means[next++] = (logRatios[i] + logRatios[j]) / 2;
            }
        }

        Array.Sort(means);
        int k = Rank(rounds, tail);
        double middle = (means[(means.Length - 1) / 2] + means[means.Length / 2]) / 2;
        return k == 0
            ? new SlowDown(Math.Exp(middle), 0, double.PositiveInfinity)
            : new SlowDown(Math.Exp(middle), Math.Exp(means[k - 1]), Math.Exp(means[^k]));
    }

    /// <summary>
    /// True if the whole interval lies above <paramref name="allowed"/>, 1.05 for a slow-down of 5 %. To fail on noise less often than the
    /// tail says, measure again before failing, and fail only if this is true both times.
    /// </summary>
    public bool Exceeds(double allowed) => !(Low <= allowed);

    // The mean of a round would let a spike in; see above.
    private static double Faster(
        ReadOnlySpan<double> times, int round, [CallerArgumentExpression(nameof(times))] string name = "") =>
        Math.Min(Guard.Positive(times[2 * round], name), Guard.Positive(times[(2 * round) + 1], name));

    /// <summary>Largest k for which a sum of ranks is below k with a probability of at most <paramref name="tail"/>.</summary>
    private static int Rank(int rounds, double tail)
    {
        // Each rank is in the sum with probability 1/2; p[s] is the probability of the sum s.
        double[] p = new double[(rounds * (rounds + 1) / 2) + 1];
        p[0] = 1;
        for (int rank = 1; rank <= rounds; rank++)
        {
            for (int sum = p.Length - 1; sum >= 0; sum--)
            {
                p[sum] = (p[sum] + (sum >= rank ? p[sum - rank] : 0)) / 2;
            }
        }

        int k = 0;
        for (double below = p[0]; below <= tail; below += p[k])
        {
            k++;
        }

        return k;
    }
}
