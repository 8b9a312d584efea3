using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

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
