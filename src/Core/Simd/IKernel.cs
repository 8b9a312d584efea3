using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>A loop written once for all widths; its operands are the fields of the struct that implements this.</summary>
internal interface IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Runs the loop with registers of type <typeparamref name="V"/>.</summary>
    void Run<V>()
        where V : struct, ISimd<V, T>;
}
