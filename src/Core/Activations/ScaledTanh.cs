using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = α·tanh(β·a)
internal readonly struct ScaledTanh(double alpha, double beta) : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Constant(alpha) * Elementary.Tanh<V, T>(V.Constant(beta) * a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V tanh = Elementary.Tanh<V, T>(V.Constant(beta) * a);
        return V.Constant(alpha) * V.Constant(beta) * default(Tanh).Gradient<V, T>(a, tanh, dy);
    }
}
