using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>Equation of the elements that fill a register; its operands are the fields of the struct that implements this.</summary>
internal interface IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes the elements from <paramref name="i"/> on, as many as the register holds.</summary>
    /// <returns>Terms that <see cref="ElementLoop.Sum{V, T, TElements}"/> adds up; otherwise not used.</returns>
    V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>;
}
