using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>
/// Parts of the functions y = a·S(a) where S(−a) = 1 − S(a). With t = |a| each of them is max(a, 0) − t·S(−t), and its derivatives at t and
/// −t add up to 1. So S is needed below 0 only, where it is small and accurate.
/// </summary>
internal static class SelfGated
{
    /// <summary>|a|, but no more than where t·e⁻ᵗ rounds to 0, so that no infinity is multiplied by 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Magnitude<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Min(V.Constant(-Elementary.LiftedLowest<T>()), V.Abs(a));

    /// <summary>y from the product t·S(−t).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V product)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Max(V.Broadcast(T.Zero), a) - product;

    /// <summary>dL/da from the derivative at −t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V slope, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        dy * V.SelectGreater(a, V.Broadcast(T.Zero), V.Broadcast(T.One) - slope, slope);

    /// <summary>t·σ(−z) for z ≥ 0, relative accuracy down to the smallest results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TimesSigmoid<V, T>(V t, V z)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V power = Elementary.LiftedExpOfNegative<V, T>(-z), unlift = V.Constant(1 / Elementary.Lift);
        return t * power / V.MultiplyAdd(power, unlift, V.Broadcast(T.One)) * unlift;
    }

    /// <summary>Derivative of a·σ(z(a)) at −t, where z is odd: σ(−z)·(1 − t·z′·σ(z)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TimesSigmoidSlope<V, T>(V t, V z, V slope)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V one = V.Broadcast(T.One);
        V sigmoid = Elementary.Sigmoid<V, T>(-z);
        return sigmoid * (one - (t * slope * (one - sigmoid)));
    }
}
