using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a / (1 + |a|); beyond 10³⁰ it is ±1, so infinity does not become NaN
internal readonly struct Softsign : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V limited = V.Max(V.Constant(-1e30), V.Min(V.Constant(1e30), a));
        return limited / (V.Broadcast(T.One) + V.Abs(limited));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V slope = V.Broadcast(T.One) / (V.Broadcast(T.One) + V.Abs(a));
        return dy * (slope * slope);
    }
}
