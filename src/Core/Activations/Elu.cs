using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a where a ≥ 0, else α(eᵃ − 1)
internal readonly struct Elu(double alpha) : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.SelectGreater(V.Broadcast(T.Zero), a, V.Constant(alpha) * Elementary.ExpMinusOneOfNegative<V, T>(a), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero);
        return V.SelectGreater(a, zero, dy, V.Constant(alpha) * dy * Elementary.ExpOfNegative<V, T>(V.Min(zero, a)));
    }
}
