using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a·σ(a)
internal readonly struct Silu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = SelfGated.Magnitude<V, T>(a);
        return SelfGated.Apply<V, T>(a, SelfGated.TimesSigmoid<V, T>(t, t));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = SelfGated.Magnitude<V, T>(a);
        return SelfGated.Gradient<V, T>(a, SelfGated.TimesSigmoidSlope<V, T>(t, t, V.Broadcast(T.One)), dy);
    }
}
