using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a where a ≥ 0, else α(eᵃ − 1); eᵃ − 1 = 2t / (1 − t) with t = tanh(a / 2), which keeps the relative accuracy at zero
internal readonly struct Elu(double alpha) : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = Elementary.Tanh<V, T>(V.Constant(0.5) * a);
        return V.SelectGreater(V.Broadcast(T.Zero), a, V.Constant(alpha) * ((t + t) / (V.Broadcast(T.One) - t)), a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero);
        return V.SelectGreater(a, zero, dy, V.Constant(alpha) * dy * Elementary.ExpOfNegative<V, T>(V.Min(zero, a)));
    }
}
