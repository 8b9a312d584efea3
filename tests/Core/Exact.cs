using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>Elementary functions of doubles in whole numbers of 2^−Fraction: exact as far as a comparison with a double can see.</summary>
internal readonly struct Exact
{
    private Exact(BigInteger value, int fraction)
    {
        Value = value;
        Fraction = fraction;
    }

    /// <summary>The number times 2^<see cref="Fraction"/>.</summary>
    public BigInteger Value { get; }

    public int Fraction { get; }

    /// <summary>eˣ for x ≤ 0.</summary>
    public static Exact ExpOfNegative(double x)
    {
        int fraction = Precision(x);
        return new Exact(PowerOf(-Fixed(x, fraction), fraction), fraction);
    }

    /// <summary>1 / (1 + e⁻ˣ)</summary>
    public static Exact Sigmoid(double x)
    {
        int fraction = Precision(x);
        BigInteger one = BigInteger.One << fraction;
        BigInteger power = PowerOf(Fixed(Math.Abs(x), fraction), fraction);
        return new Exact(((x > 0 ? one : power) << fraction) / (one + power), fraction);
    }

    /// <summary>(1 − e⁻²ˣ) / (1 + e⁻²ˣ)</summary>
    public static Exact Tanh(double x)
    {
        int fraction = Precision(x);
        BigInteger one = BigInteger.One << fraction;
        BigInteger power = PowerOf(2 * Fixed(Math.Abs(x), fraction), fraction);
        BigInteger tanh = ((one - power) << fraction) / (one + power);
        return new Exact(x < 0 ? -tanh : tanh, fraction);
    }

    /// <summary>log(1 + x) for 0 ≤ x ≤ 1.</summary>
    public static Exact LogOfOnePlus(double x)
    {
        int fraction = Precision(x);
        BigInteger part = Fixed(x, fraction);
        BigInteger s = (part << fraction) / (part + (BigInteger.One << (fraction + 1)));
        BigInteger sum = BigInteger.Zero;
        BigInteger power = s;
        for (int k = 1; !power.IsZero; k += 2)
        {
            sum += power / k;
            power = ((power * s >> fraction) * s) >> fraction;
        }

        return new Exact(2 * sum, fraction);
    }

    /// <summary>x·Φ(x), where Φ is the normal distribution, for |x| ≤ 40.</summary>
    public static Exact TimesNormal(double x)
    {
        // Φ(x) = 1/2 + (x + x³/3 + x⁵/(3·5) + …)·e^(−x²/2) / √(2π). The sum is as large as the power is small.
        int fraction = Precision(x) + (int)(1.5 * x * x);
        BigInteger part = Fixed(x, fraction);
        BigInteger square = part * part >> fraction;
        BigInteger term = part, sum = part;
        for (int k = 3; !term.IsZero && term != BigInteger.MinusOne; k += 2)
        {
            term = (term * square >> fraction) / k;
            sum += term;
        }

        BigInteger density = (PowerOf(square / 2, fraction) << fraction) / SquareRoot(2 * Pi(fraction) << fraction);
        return new Exact(part * ((BigInteger.One << (fraction - 1)) + (sum * density >> fraction)) >> fraction, fraction);
    }

    /// <summary>|actual − this| in units in the last place of a double of this size.</summary>
    public double Ulps(double actual)
    {
        if (!double.IsFinite(actual))
        {
            return double.NaN;
        }

        // The bits of the result below its leading one, or below the smallest normal number.
        int exponent = Math.Max((int)BigInteger.Abs(Value).GetBitLength() - 1 - Fraction, -1022);
        int place = exponent - 52 + Fraction;
        var difference = BigInteger.Abs(Fixed(actual, Fraction) - Value);
        const int Shown = 30;
        return Math.ScaleB((double)(place >= Shown ? difference >> (place - Shown) : difference << (Shown - place)), -Shown);
    }

    // Room for the smallest result near |x| (tanh, log) or e^−|x| (exp, sigmoid), and 192 bits more.
    private static int Precision(double x) => 192 + Math.Max(0, -Math.ILogB(x == 0 ? 1 : x)) + (int)(1.45 * Math.Abs(x)) + 53;

    private static BigInteger Fixed(double x, int fraction)
    {
        long bits = BitConverter.DoubleToInt64Bits(Math.Abs(x));
        int exponent = (int)(bits >> 52);
        long significand = bits & ((1L << 52) - 1);
        significand = exponent == 0 ? significand : significand | (1L << 52);
        int shift = Math.Max(exponent, 1) - 1075 + fraction;
        BigInteger value = shift >= 0 ? (BigInteger)significand << shift : (BigInteger)significand >> -shift;
        return x < 0 ? -value : value;
    }

    // 16·arctan(1/5) − 4·arctan(1/239) (Machin 1706)
    private static BigInteger Pi(int fraction)
    {
        return (16 * ArcTangentOfOneOver(5)) - (4 * ArcTangentOfOneOver(239));

        BigInteger ArcTangentOfOneOver(int n)
        {
            BigInteger power = (BigInteger.One << fraction) / n, sum = power;
            for (int k = 3; !power.IsZero; k += 2)
            {
                power /= -n * n;
                sum += power / k;
            }

            return sum;
        }
    }

    // Newton's steps fall until they meet the root.
    private static BigInteger SquareRoot(BigInteger value)
    {
        BigInteger root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2), next = root;
        do
        {
            root = next;
            next = (root + (value / root)) >> 1;
        }
        while (next < root);

        return root;
    }

    // e^−y = (e^(−y/2ᵏ))^2ᵏ, the inner power from its Taylor series.
    private static BigInteger PowerOf(BigInteger y, int fraction)
    {
        int halvings = Math.Max(0, (int)y.GetBitLength() - fraction + 8);
        y >>= halvings;
        BigInteger term = BigInteger.One << fraction;
        BigInteger sum = term;
        for (int k = 1; !term.IsZero; k++)
        {
            term = -(term * y >> fraction) / k;
            sum += term;
        }

        for (int k = 0; k < halvings; k++)
        {
            sum = sum * sum >> fraction;
        }

        return sum;
    }
}
