using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>Equation of an <see cref="ActivationKind"/> with α and β, and its derivative from the pre-activation.</summary>
internal interface IParametricActivation
{
    /// <summary>y from the pre-activation a.</summary>
    static abstract V Apply<V, T>(V a, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>dL/da from a and dL/dy.</summary>
    static abstract V Gradient<V, T>(V a, V dy, V alpha, V beta)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
