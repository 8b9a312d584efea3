using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>What is done to the elements that fill a register; its operands are the fields of the struct that implements this.</summary>
internal interface IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes element <paramref name="i"/> and on, as many as the register holds.</summary>
    /// <returns>What a sum over all elements adds up; nothing is done with it otherwise.</returns>
    V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>;
}
