namespace SpanRnn.Perf;

/// <summary>Time of a case now over its time in the base, with an interval.</summary>
/// <param name="Ratio">Time now by time of the base.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <remarks>
/// <para>
/// The rounds are the samples, one ratio each. A process keeps its memory layout and compiled code for life, so that measuring longer
/// inside one process says nothing about the next. A round is four processes, two on each side, and the faster of each two counts: a
/// disturbance makes a process slower, never faster, and seldom hits both.
/// </para>
/// <para>
/// The interval belongs to the signed-rank test (Wilcoxon 1945, Hodges and Lehmann 1963). The means of all pairs of log ratios are
/// sorted, a ratio paired with itself included; the ends are the k-th from below and from above, and the middle one is the estimate.
/// The only assumption is that noise affects base and working tree alike. A log ratio is then as often too large as too small by the
/// same amount, and the probability that an interval lies above the truth is exact, for spikes and heavy tails too. A single spike of
/// 30 % widens a t interval of the same rounds until a slow-down of 10 % goes through.
/// </para>
/// </remarks>
internal readonly record struct SlowDown(double Ratio, double Low, double High)
{
    /// <summary>Slow-down from the times of the processes, two per round on each side.</summary>
    /// <param name="baseTimes">[2·rounds] in; positive; of the base.</param>
    /// <param name="times">[2·rounds] in; positive; of the working tree.</param>
    /// <param name="tail">Probability that the interval lies above the truth, and that it lies below.</param>
    public static SlowDown Of(ReadOnlySpan<double> baseTimes, ReadOnlySpan<double> times, double tail)
    {
        int rounds = times.Length / 2;
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

    // The mean of a round would let a spike in; see above.
    private static double Faster(ReadOnlySpan<double> times, int round) => Math.Min(times[2 * round], times[(2 * round) + 1]);

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
