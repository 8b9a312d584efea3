using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// y = a/2·(1 + tanh(√(2/π)·(a + 0.044715·a³))) = a·σ(z) with z = 2·√(2/π)·(a + 0.044715·a³)
internal readonly struct GeluTanh : IActivation
{
    private const double Linear = 1.5957691216057307;
    private const double Cubic = Linear * 0.044715;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = SelfGated.Magnitude<V, T>(a);
        return SelfGated.Apply<V, T>(a, SelfGated.TimesSigmoid<V, T>(t, t * V.MultiplyAdd(t * t, V.Constant(Cubic), V.Constant(Linear))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V t = SelfGated.Magnitude<V, T>(a);
        V square = t * t;
        V z = t * V.MultiplyAdd(square, V.Constant(Cubic), V.Constant(Linear));
        V slope = V.MultiplyAdd(square, V.Constant(3 * Cubic), V.Constant(Linear));
        return SelfGated.Gradient<V, T>(a, SelfGated.TimesSigmoidSlope<V, T>(t, z, slope), dy);
    }
}
