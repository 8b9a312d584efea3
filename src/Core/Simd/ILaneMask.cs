using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>Whether registers are filled whole or, at the end of a row, in part: equations in between stay the same.</summary>
internal interface ILaneMask
{
    /// <summary>The register from <paramref name="source"/>[<paramref name="index"/>] on.</summary>
    static abstract V Load<V, T>(ref readonly T source, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Stores to <paramref name="destination"/>[<paramref name="index"/>] on.</summary>
    static abstract void Store<V, T>(V value, ref T destination, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
