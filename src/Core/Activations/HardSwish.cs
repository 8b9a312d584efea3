using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a·max(0, min(6, a + 3)) / 6; −∞ becomes −3·0 and not NaN
internal readonly struct HardSwish : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V three = V.Constant(3);
        V ramp = V.Max(V.Broadcast(T.Zero), V.Min(V.Constant(6), a + three));
        return V.Max(-three, a) * (ramp * V.Constant(1.0 / 6));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V three = V.Constant(3), zero = V.Broadcast(T.Zero);
        V bend = V.SelectGreater(three, a, dy * V.MultiplyAdd(a, V.Constant(1.0 / 3), V.Constant(0.5)), dy);
        return V.SelectGreater(a, -three, bend, zero);
    }
}
