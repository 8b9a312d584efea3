using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

// Equation of an activation without parameters, under the interface of the ones with α and β.
internal readonly struct WithoutParameters<TActivation> : IParametricActivation
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
