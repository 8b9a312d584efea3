using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>Equation of an <see cref="ActivationKind"/>, once for every width and precision.</summary>
internal interface IActivation
{
    /// <summary>y from the pre-activation a.</summary>
    static abstract V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>dL/da from y and dL/dy.</summary>
    static abstract V Gradient<V, T>(V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
