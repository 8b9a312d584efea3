using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>
/// Exponential, logarithm, tanh, sigmoid and the normal distribution over registers; the same bits in every lane and at every width.
/// </summary>
/// <remarks>
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^x = 2ⁿ·e^r (Cody and Waite 1980). e^r − 1 is r + r²·q(r), where q is the polynomial of degree 4
/// (float) or 9 (double) whose largest error relative to e^r − 1 is least (Remez 1934). The error is under 2⁻²⁶ and 2⁻⁵⁵ of e^r − 1, and a
/// third of that relative to e^r. Working with e^r − 1 keeps the relative accuracy of tanh at zero.
/// Error of each function: at most 2 ulp in either precision (ElementaryTests). Over all floats sigmoid reaches 1.9992 ulp just below zero,
/// where roundings of ½, 1 and ½ ulp of the result add up. tanh reaches 1.74 ulp with a fused multiply-add and 1.95 without
/// (perf, accuracy).
/// </remarks>
internal static class Elementary
{
    /// <summary>2⁶⁴, the factor of powers of two that may otherwise lie below the normal numbers.</summary>
    public const double Lift = 18446744073709551616.0;

    private const double Log2E = 1.4426950408889634;

    private const int LiftExponent = 64;

    /// <summary>eˣ for x ≤ 0, with gradual underflow; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpOfNegative<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LiftedExpOfNegative<V, T>(x) * V.Constant(1 / Lift);

    /// <summary>eˣ, +∞ where it is too large, with gradual underflow; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero);
        V limited = V.Min(V.Constant(-LiftedLowest<T>()), V.Max(zero, x));
        V power = Reduce<V, T>(limited, 1, 1 / Lift, out V r, out V square, out V q);
        V large = V.MultiplyAdd(V.MultiplyAdd(q, square, r), power, power) * V.Constant(Lift);
        return V.SelectGreater(x, zero, large, ExpOfNegative<V, T>(V.Min(zero, x)));
    }

    /// <summary>eˣ − 1 for x ≤ 0, relative accuracy at zero; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpMinusOneOfNegative<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // 2t / (1 − t) with t = tanh(x / 2)
        V t = Tanh<V, T>(V.Constant(0.5) * x);
        return (t + t) / (V.Broadcast(T.One) - t);
    }

    /// <summary>σ(x) = 1 / (1 + e⁻ˣ), relative accuracy down to the smallest results; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // 1 and e⁻ˣ are computed times 2⁻⁶⁴, so that nothing overflows where σ is denormal. Beyond the limits σ rounds to 1 or to 0.
        V limited = V.Min(V.Constant(typeof(T) == typeof(float) ? 20 : 40), V.Max(V.Constant(Lowest<T>()), x));
        V power = Reduce<V, T>(limited, -1, 1 / Lift, out V r, out V square, out V q);

        // 1 + e⁻ˣ = 2ⁿ + (1 − 2ⁿ·(r + r²·q)). In this order the roundings of both sums are small beside the smaller of 1 and 2ⁿ.
        V one = V.Constant(1 / Lift);
        V sum = power - V.MultiplyAdd(V.MultiplyAdd(q, square, r), power, V.Constant(-1 / Lift));
        return one / sum;
    }

    /// <summary>tanh(x) = h / (1 + h) with h = (e^(2|x|) − 1) / 2, the sign of x put back; ±∞ → ±1, NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Beyond the limit tanh rounds to 1.
        V a = V.Min(V.Constant(typeof(T) == typeof(float) ? 10 : 20), V.Abs(x));
        V power = Reduce<V, T>(a, 2, 1, out V r, out V square, out V q);

        // h = 2ⁿ·(r + r²·q) + (2ⁿ − 1) / 2. Where n is 1, the sum of r and the constant is exact, and only the last sum rounds.
        V h = V.MultiplyAdd(power, r, V.MultiplyAdd(power, V.Constant(0.5), V.Constant(-0.5)));
        h = V.MultiplyAdd(power, square * q, h);

        // With t = c / (1 + h), the result is h − h·t with c = h for h ≤ 1, and 1 − t with c = 1 for h ≥ 1. Both damp the rounding of t.
        V c = V.Min(V.Constant(1), h);
        return V.CopySign(V.MultiplyAdd(c, c / (V.Constant(-1) - h), c), x);
    }

    /// <summary>log(1 + x) for 0 ≤ x ≤ 1, relative accuracy down to zero; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogOfOnePlus<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // 2·artanh s = 2(s + s³/3 + s⁵/5 + …) with s = x / (2 + x) ≤ 1/3. The terms left out are under 2⁻²⁹ (float) or 2⁻⁵⁸ (double) of it.
        int terms = typeof(T) == typeof(float) ? 7 : 16;
        V s = x / (V.Constant(2) + x);
        V square = s * s;
        V q = V.Constant(1.0 / ((2 * terms) + 1));
        for (int k = terms - 1; k > 0; k--)
        {
            q = V.MultiplyAdd(q, square, V.Constant(1.0 / ((2 * k) + 1)));
        }

        s += s;
        return V.MultiplyAdd(s * square, q, s);
    }

    /// <summary>eˣ·2⁶⁴ for x ≤ 0: a normal number, at most that of <see cref="LiftedLowest"/> where eˣ is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LiftedExpOfNegative<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        x = V.Max(V.Constant(LiftedLowest<T>()), x);
        V power = Reduce<V, T>(x, 1, Lift, out V r, out V square, out V q);
        return V.MultiplyAdd(V.MultiplyAdd(q, square, r), power, power);
    }

    /// <summary>Limit of x below which |x|·eˣ is zero, while eˣ·2⁶⁴ is a normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double LiftedLowest<T>() => typeof(T) == typeof(float) ? -130 : -752;

    /// <summary>Limit of t beyond which t·Φ(−t) is zero, where Φ is the normal distribution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double NormalLimit<T>() => typeof(T) == typeof(float) ? 16 : 38.7;

    /// <summary>e^(−t²/2)·2⁶⁴ for 0 ≤ t ≤ <see cref="NormalLimit"/>: √(2π)·2⁶⁴ times the density of the normal distribution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LiftedNormalDensity<V, T>(V t)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // The rounding of t² would be t²/2 roundings of the power. It is exact: t is the sum of two numbers of half its digits, whose
        // products do not round (Dekker 1971).
        V split = t * V.Constant(typeof(T) == typeof(float) ? 4097 : 134217729);
        V high = split - (split - t);
        V low = t - high;
        V square = t * t;
        V rest = V.MultiplyAdd(low, low, V.MultiplyAdd(high + high, low, (high * high) - square));
        V power = LiftedExpOfNegative<V, T>(V.Constant(-0.5) * square);
        return V.MultiplyAdd(V.Constant(-0.5) * rest, power, power);
    }

    /// <summary>Φ(−t) / e^(−t²/2) for 0 ≤ t ≤ <see cref="NormalLimit"/>, where Φ is the normal distribution.</summary>
    /// <remarks>
    /// The quotient of two polynomials whose largest relative error is least (Remez 1934), under 2⁻²⁵ (float) and 2⁻⁵⁶ (double). All their
    /// coefficients are positive, so nothing cancels.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalTailRatio<V, T>(V t)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V p, q;
        if (typeof(T) == typeof(float))
        {
            p = V.MultiplyAdd(t, V.Constant(0.004241179791309283), V.Constant(0.04153697506540055));
            p = V.MultiplyAdd(p, t, V.Constant(0.18600778158788261));
            p = V.MultiplyAdd(p, t, V.Constant(0.4421729342703247));
            p = V.MultiplyAdd(p, t, V.Constant(0.4999999998682602));
            q = V.MultiplyAdd(t, V.Constant(0.010630979870668767), V.Constant(0.10412260387206566));
            q = V.MultiplyAdd(q, t, V.Constant(0.47676076724027266));
            q = V.MultiplyAdd(q, t, V.Constant(1.2142377510191396));
            q = V.MultiplyAdd(q, t, V.Constant(1.6822306352972065));
            q = V.MultiplyAdd(q, t, V.Constant(1));
            return p / q;
        }

        p = V.MultiplyAdd(t, V.Constant(1.7905047492243657e-07), V.Constant(5.791987211082041e-06));
        p = V.MultiplyAdd(p, t, V.Constant(9.12824310693867e-05));
        p = V.MultiplyAdd(p, t, V.Constant(0.0009142471869408176));
        p = V.MultiplyAdd(p, t, V.Constant(0.006408119036368858));
        p = V.MultiplyAdd(p, t, V.Constant(0.03274818729831641));
        p = V.MultiplyAdd(p, t, V.Constant(0.12349773474379003));
        p = V.MultiplyAdd(p, t, V.Constant(0.33998112954968795));
        p = V.MultiplyAdd(p, t, V.Constant(0.6571986519038997));
        p = V.MultiplyAdd(p, t, V.Constant(0.8136305037907825));
        p = V.MultiplyAdd(p, t, V.Constant(0.5));
        q = V.MultiplyAdd(t, V.Constant(4.488129830264152e-07), V.Constant(1.4518358909661262e-05));
        q = V.MultiplyAdd(q, t, V.Constant(0.00022925993567225248));
        q = V.MultiplyAdd(q, t, V.Constant(0.002306196208092172));
        q = V.MultiplyAdd(q, t, V.Constant(0.01629068584376566));
        q = V.MultiplyAdd(q, t, V.Constant(0.08435017387241174));
        q = V.MultiplyAdd(q, t, V.Constant(0.3251725398574902));
        q = V.MultiplyAdd(q, t, V.Constant(0.9298558969807673));
        q = V.MultiplyAdd(q, t, V.Constant(1.9270416499456058));
        q = V.MultiplyAdd(q, t, V.Constant(2.7493835105212296));
        q = V.MultiplyAdd(q, t, V.Constant(2.4251455683844303));
        q = V.MultiplyAdd(q, t, V.Constant(1));
        return p / q;
    }

    /// <summary>Limit of x below which eˣ is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Lowest<T>() => typeof(T) == typeof(float) ? -104 : -746;

    /// <summary>
    /// Splits x = n·ln 2 / s + r, where n is s·x / ln 2 rounded to the nearest and s is −1, 1 or 2. Computes r² and the q of
    /// e^(s·r) = 1 + s·(r + r²·q).
    /// </summary>
    /// <returns>2ⁿ·<paramref name="lift"/>; lift is a power of two.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Reduce<V, T>(V x, double s, double lift, out V r, out V square, out V q)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Adding 1.5·2^p rounds to a whole number, which is then in the low bits.
        int lifted = lift > 1 ? LiftExponent : lift < 1 ? -LiftExponent : 0;
        double bias = (typeof(T) == typeof(float) ? 127 : 1023) + lifted;
        V shifter = V.Constant((typeof(T) == typeof(float) ? 12582912.0 : 6755399441055744.0) + bias);
        V shifted = V.MultiplyAdd(x, V.Constant(s * Log2E), shifter);
        V n = shifted - shifter;

        // ln 2 is in two parts. The first ends with zeros, so that n times it is exact with and without a fused multiply-add.
        r = V.MultiplyAdd(n, V.Constant((typeof(T) == typeof(float) ? -0.693359375 : -6.93145751953125e-1) / s), x);
        r = V.MultiplyAdd(n, V.Constant((typeof(T) == typeof(float) ? 2.1219444005469057e-4 : -1.42860682030941723212e-6) / s), r);

        // Pairs of terms are summed first: as many operations as Horner's rule has, in half the time from the first to the last.
        square = r * r;
        double s2 = s * s, s4 = s2 * s2;
        if (typeof(T) == typeof(float))
        {
            V low = V.MultiplyAdd(r, V.Constant(s2 * 0.16666543146915347), V.Constant(s * 0.50000000616513311));
            q = V.MultiplyAdd(r, V.Constant(s4 * 0.0083665718321023458), V.Constant(s * s2 * 0.041666282593031766));
            q = V.MultiplyAdd(square, V.Constant(s * s4 * 0.0013946424510999499), q);
            q = V.MultiplyAdd(q, square, low);
        }
        else
        {
            double s8 = s4 * s4;
            V q2 = V.MultiplyAdd(r, V.Constant(s2 * 0.16666666666666686), V.Constant(s * 0.50000000000000055));
            V q4 = V.MultiplyAdd(r, V.Constant(s4 * 8.3333333333146683e-3), V.Constant(s * s2 * 4.1666666666574345e-2));
            V q6 = V.MultiplyAdd(r, V.Constant(s2 * s4 * 1.9841269902892162e-4), V.Constant(s * s4 * 1.3888888932203020e-3));
            V q8 = V.MultiplyAdd(r, V.Constant(s8 * 2.7557228057129960e-6), V.Constant(s * s2 * s4 * 2.4801504613224113e-5));
            q = V.MultiplyAdd(r, V.Constant(s2 * s8 * 2.5114445891498140e-8), V.Constant(s * s8 * 2.7626272099535602e-7));
            q = V.MultiplyAdd(q, square, q8);
            q = V.MultiplyAdd(q, square, q6);
            q = V.MultiplyAdd(q, square, q4);
            q = V.MultiplyAdd(q, square, q2);
        }

        return V.PowerOfTwo(shifted);
    }
}
