namespace SpanRnn.Tests;

/// <summary>The normal distribution in double arithmetic, to about 12 digits.</summary>
internal static class NormalDistribution
{
    /// <summary>Φ(a), the part of the distribution below a.</summary>
    public static double Below(double a)
    {
        double t = Math.Abs(a);
        double tail = t < 3 ? 0.5 - BetweenZeroAnd(t) : TailFrom(t);
        return a > 0 ? 1 - tail : tail;
    }

    /// <summary>e^(−a²/2) / √(2π)</summary>
    public static double Density(double a) => Math.Exp(-0.5 * a * a) / Math.Sqrt(2 * Math.PI);

    // φ(t)·(t + t³/3 + t⁵/(3·5) + …)
    private static double BetweenZeroAnd(double t)
    {
        double term = t, sum = t;
        for (int k = 3; k < 200; k += 2)
        {
            term *= t * t / k;
            sum += term;
        }

        return sum * Density(t);
    }

    // φ(t) / (t + 1/(t + 2/(t + 3/(t + …))))
    private static double TailFrom(double t)
    {
        double fraction = t;
        for (int k = 200; k > 0; k--)
        {
            fraction = t + (k / fraction);
        }

        return Density(t) / fraction;
    }
}
