using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = λ·a where a ≥ 0, else λ·α·(eᵃ − 1), with the λ and α that keep mean 0 and variance 1 (Klambauer et al. 2017)
internal readonly struct Selu : IActivation
{
    private const double Scale = 1.0507009873554804934193349852946;
    private const double Alpha = 1.6732632423543772848170429916717;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.SelectGreater(
            V.Broadcast(T.Zero), a, V.Constant(Scale * Alpha) * Elementary.ExpMinusOneOfNegative<V, T>(a), V.Constant(Scale) * a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero);
        V power = Elementary.ExpOfNegative<V, T>(V.Min(zero, a));
        return V.SelectGreater(a, zero, V.Constant(Scale) * dy, V.Constant(Scale * Alpha) * dy * power);
    }
}
