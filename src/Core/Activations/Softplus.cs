using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = log(1 + eᵃ) = max(a, 0) + log(1 + e^−|a|)
internal readonly struct Softplus : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.Max(V.Broadcast(T.Zero), a) + Elementary.LogOfOnePlus<V, T>(Elementary.ExpOfNegative<V, T>(-V.Abs(a)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => dy * Elementary.Sigmoid<V, T>(a);
}
