using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a·tanh(log(1 + eᵃ)) = a·n / d. With p = e^−|a|
//   a ≤ 0: n = p·(2 + p), d = 2 + 2p + p²        a > 0: n = 1 + 2p, d = 1 + 2p + 2p²
internal readonly struct Mish : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero), one = V.Broadcast(T.One), two = V.Constant(2), unlift = V.Constant(1 / Elementary.Lift);
        V t = SelfGated.Magnitude<V, T>(a);
        V lifted = Elementary.LiftedExpOfNegative<V, T>(-t);
        V p = lifted * unlift;
        V n = V.SelectGreater(a, zero, V.MultiplyAdd(two, p, one), two + p);
        V d = n + V.SelectGreater(a, zero, two * (p * p), V.MultiplyAdd(p, p + one, zero));
        V ratio = n / d;
        return V.SelectGreater(a, zero, a * ratio, -(t * lifted * ratio * unlift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // With q = n / d the derivative is q + a·(1 − q²)·σ(a), and (1 − q²)·σ(a) = 4p(1 + p) / d², times p more where a > 0.
        V zero = V.Broadcast(T.Zero), one = V.Broadcast(T.One), two = V.Constant(2);
        V t = SelfGated.Magnitude<V, T>(a);
        V p = Elementary.ExpOfNegative<V, T>(-t);
        V n = V.SelectGreater(a, zero, V.MultiplyAdd(two, p, one), p * (two + p));
        V d = V.SelectGreater(a, zero, V.MultiplyAdd(two * p, p, n), n + two);
        V power = V.SelectGreater(a, zero, t * p, -t) * p;
        return dy * ((n / d) + (V.Constant(4) * power * (one + p) / (d * d)));
    }
}
