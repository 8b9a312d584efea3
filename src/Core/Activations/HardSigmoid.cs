using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = max(0, min(1, α·a + β)), a NaN stays
internal readonly struct HardSigmoid : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.Max(V.Broadcast(T.Zero), V.Min(V.Broadcast(T.One), V.MultiplyAdd(alpha, a, beta)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V line = V.MultiplyAdd(alpha, a, beta), zero = V.Broadcast(T.Zero);
        return V.SelectGreater(line, zero, V.SelectGreater(V.Broadcast(T.One), line, alpha * dy, zero), zero);
    }
}
