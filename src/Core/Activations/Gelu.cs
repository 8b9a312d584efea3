using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a·Φ(a), where Φ(a) = (1 + erf(a / √2)) / 2
internal readonly struct Gelu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = V.Min(V.Constant(Elementary.NormalLimit<T>()), V.Abs(a));
        V density = Elementary.LiftedNormalDensity<V, T>(t);
        return SelfGated.Apply<V, T>(a, t * Elementary.NormalTailRatio<V, T>(t) * density * V.Constant(1 / Elementary.Lift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // The derivative at −t is Φ(−t) − t·e^(−t²/2) / √(2π).
        V t = V.Min(V.Constant(Elementary.NormalLimit<T>()), V.Abs(a));
        V density = Elementary.LiftedNormalDensity<V, T>(t) * V.Constant(1 / Elementary.Lift);
        V ratio = Elementary.NormalTailRatio<V, T>(t);
        return SelfGated.Gradient<V, T>(a, V.MultiplyAdd(t, V.Constant(-0.39894228040143268), ratio) * density, dy);
    }
}
