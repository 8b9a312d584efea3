using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>Exponential, logarithm, tanh and sigmoid over registers; the same bits in every lane and at every width.</summary>
/// <remarks>
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^x = 2ⁿ·e^r (Cody and Waite 1980). e^r − 1 is its Taylor polynomial, of degree 7 in float
/// (the rest is under 2⁻²⁷ of e^r) and 13 in double (under 2⁻⁵⁷). Working with e^r − 1 keeps the relative accuracy of tanh at zero.
/// Error of each function: at most 2 ulp in either precision (ElementaryTests). Largest seen, with a fused multiply-add or without:
/// exponential 1.1, sigmoid 1.9, tanh 2.0, logarithm 2.0.
/// </remarks>
internal static class Elementary
{
    /// <summary>eˣ for x ≤ 0, with gradual underflow; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpOfNegative<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Below this the result is zero in either precision.
        V lowest = V.Constant(typeof(T) == typeof(float) ? -104 : -746);
        x = V.SelectGreater(lowest, x, lowest, x);
        V n = ReducedPowerMinusOne<V, T>(x, out V p);

        // 2ⁿ may lie below the normal numbers: two factors, of which only the second can underflow.
        V shifter = Shifter<V, T>();
        V half = V.MultiplyAdd(n, V.Constant(0.5), shifter);
        V rest = n - (half - shifter) + shifter;
        return (V.Constant(1) + p) * V.PowerOfTwo(half) * V.PowerOfTwo(rest);
    }

    /// <summary>σ(x) = 1 / (1 + e⁻ˣ), relative accuracy down to the smallest results; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // x > 0: 1 / (1 + e⁻ˣ); otherwise eˣ / (1 + eˣ). Either way the exponential e is at most 1. With t = e / (1 + e), which is
        // 1 − 1 / (1 + e), the quotient c / (1 + e) is c − c·t: the roundings of the division count by t only.
        V e = ExpOfNegative<V, T>(-V.Abs(x));
        V one = V.Constant(1);
        V c = V.SelectGreater(x, V.Broadcast(T.Zero), one, e);
        return V.MultiplyAdd(-c, e / (one + e), c);
    }

    /// <summary>tanh(x) = h / (1 + h) with h = (e^(2|x|) − 1) / 2, the sign of x put back; ±∞ → ±1, NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // From here on tanh rounds to 1.
        V highest = V.Constant(typeof(T) == typeof(float) ? 20 : 40);
        V y = V.Abs(x);
        y = y + y;
        y = V.SelectGreater(y, highest, highest, y);
        V n = ReducedPowerMinusOne<V, T>(y, out V p);

        // h = 2ⁿ⁻¹·(p + 1) − 1/2; for n = 0 this is p/2 itself.
        V one = V.Constant(1);
        V scale = V.PowerOfTwo(n - one + Shifter<V, T>());
        V h = V.MultiplyAdd(scale, p, scale - V.Constant(0.5));

        // With u = 1 / (1 + h): h·u = h − h·(h·u), good for h ≤ 1, and h·u = 1 − u, good for h ≥ 1; the roundings of u are damped.
        V c = V.SelectGreater(h, one, one, h);
        V u = one / (one + h);
        return V.CopySign(V.MultiplyAdd(-c, c * u, c), x);
    }

    /// <summary>log(1 + x) for 0 ≤ x ≤ 1, relative accuracy down to zero; NaN → NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogOfOnePlus<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // 2·artanh s = 2(s + s³/3 + s⁵/5 + …) with s = x / (2 + x) ≤ 1/3; the rest is under 2⁻²⁹ (float) or 2⁻⁵⁸ (double) of it.
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

    /// <summary>n = x / ln 2 to the nearest, and p = e^(x − n·ln 2) − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReducedPowerMinusOne<V, T>(V x, out V p)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V shifter = Shifter<V, T>();
        V n = V.MultiplyAdd(x, V.Constant(1.4426950408889634), shifter) - shifter;

        // ln 2 in two parts, the first with zeros at its end, so that n times it is exact with and without a fused multiply-add.
        V r = V.MultiplyAdd(n, V.Constant(typeof(T) == typeof(float) ? -0.693359375 : -6.93145751953125e-1), x);
        r = V.MultiplyAdd(n, V.Constant(typeof(T) == typeof(float) ? 2.1219444005469057e-4 : -1.42860682030941723212e-6), r);

        V q;
        if (typeof(T) == typeof(float))
        {
            q = V.Constant(1.0 / 5040);
        }
        else
        {
            q = V.Constant(1.0 / 6227020800);
            q = V.MultiplyAdd(q, r, V.Constant(1.0 / 479001600));
            q = V.MultiplyAdd(q, r, V.Constant(1.0 / 39916800));
            q = V.MultiplyAdd(q, r, V.Constant(1.0 / 3628800));
            q = V.MultiplyAdd(q, r, V.Constant(1.0 / 362880));
            q = V.MultiplyAdd(q, r, V.Constant(1.0 / 40320));
            q = V.MultiplyAdd(q, r, V.Constant(1.0 / 5040));
        }

        q = V.MultiplyAdd(q, r, V.Constant(1.0 / 720));
        q = V.MultiplyAdd(q, r, V.Constant(1.0 / 120));
        q = V.MultiplyAdd(q, r, V.Constant(1.0 / 24));
        q = V.MultiplyAdd(q, r, V.Constant(1.0 / 6));
        q = V.MultiplyAdd(q, r, V.Constant(0.5));
        p = V.MultiplyAdd(q * r, r, r);
        return n;
    }

    /// <summary>1.5·2^p: adding it rounds to a whole number that then stands in the low bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Shifter<V, T>()
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.Constant(typeof(T) == typeof(float) ? 12582912.0 : 6755399441055744.0);
}
