using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = min(max(a, α), β), a NaN stays
internal readonly struct Clip(double alpha, double beta) : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Min(V.Constant(beta), V.Max(V.Constant(alpha), a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero);
        return V.SelectGreater(a, V.Constant(alpha), V.SelectGreater(V.Constant(beta), a, dy, zero), zero);
    }
}
