using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>Function of one number and its derivative, once for every width and precision; α and β are fields if there are any.</summary>
internal interface IActivation
{
    /// <summary>y from the pre-activation a.</summary>
    V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>
    /// dL/da from dL/dy. The functions up to <see cref="ActivationKind.HardStep"/> take their derivative from y and do not read a; all
    /// others take it from a and do not read y.
    /// </summary>
    V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
