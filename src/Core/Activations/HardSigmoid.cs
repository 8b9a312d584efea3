using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = max(0, min(1, α·a + β)), a NaN stays
internal readonly struct HardSigmoid(double alpha, double beta) : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.Max(V.Broadcast(T.Zero), V.Min(V.Broadcast(T.One), V.MultiplyAdd(V.Constant(alpha), a, V.Constant(beta))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V line = V.MultiplyAdd(V.Constant(alpha), a, V.Constant(beta)), zero = V.Broadcast(T.Zero);
        return V.SelectGreater(line, zero, V.SelectGreater(V.Broadcast(T.One), line, V.Constant(alpha) * dy, zero), zero);
    }
}
