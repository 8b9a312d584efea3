using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a where a ≥ 0, else α(eᵃ − 1); eᵃ − 1 = 2t / (1 − t) with t = tanh(a / 2), which keeps the relative accuracy at zero
internal readonly struct Elu : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = Elementary.Tanh<V, T>(V.Constant(0.5) * a);
        return V.SelectGreater(V.Broadcast(T.Zero), a, alpha * ((t + t) / (V.Broadcast(T.One) - t)), a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zero = V.Broadcast(T.Zero);
        return V.SelectGreater(a, zero, dy, alpha * dy * Elementary.ExpOfNegative<V, T>(V.Min(zero, a)));
    }
}
