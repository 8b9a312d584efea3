using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

// One without parameters.
internal readonly struct Plain<TActivation> : IParametricActivation
    where TActivation : struct, IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TActivation.Apply<V, T>(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TActivation.Gradient<V, T>(TActivation.Apply<V, T>(a), dy);
}

// y = α·a + β
internal readonly struct Affine : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.MultiplyAdd(alpha, a, beta);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => alpha * dy;
}

// y = a where a ≥ 0, else α·a
internal readonly struct LeakyRelu : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.SelectGreater(V.Broadcast(T.Zero), a, alpha * a, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.SelectGreater(a, V.Broadcast(T.Zero), dy, alpha * dy);
}

// y = a where a ≥ α, else 0; a NaN stays
internal readonly struct ThresholdedRelu : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.SelectGreater(alpha, a, V.Broadcast(T.Zero), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.SelectGreater(a, alpha, dy, V.Broadcast(T.Zero));
}

// y = α·tanh(β·a)
internal readonly struct ScaledTanh : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => alpha * Elementary.Tanh<V, T>(beta * a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => alpha * beta * Tanh.Gradient<V, T>(Elementary.Tanh<V, T>(beta * a), dy);
}

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

// y = a where a ≥ 0, else α(eᵃ − 1); eᵃ − 1 = 2t / (1 − t) with t = tanh(a / 2) keeps the relative accuracy at zero
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

// y = a / (1 + |a|); beyond 10³⁰ that is ±1, and infinity does not become NaN
internal readonly struct Softsign : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V limited = V.Max(V.Constant(-1e30), V.Min(V.Constant(1e30), a));
        return limited / (V.Broadcast(T.One) + V.Abs(limited));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V slope = V.Broadcast(T.One) / (V.Broadcast(T.One) + V.Abs(a));
        return dy * (slope * slope);
    }
}

// y = log(1 + eᵃ) = max(a, 0) + log(1 + e^−|a|)
internal readonly struct Softplus : IParametricActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.Max(V.Broadcast(T.Zero), a) + Elementary.LogOfOnePlus<V, T>(Elementary.ExpOfNegative<V, T>(-V.Abs(a)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => dy * Elementary.Sigmoid<V, T>(a);
}
