using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>Lanes that are loaded and stored: all or, at the end of a row, the first few. Equations are the same for both.</summary>
internal interface ILaneMask
{
    /// <summary>Loads a register from <paramref name="source"/>[<paramref name="index"/>] on.</summary>
    static abstract V Load<V, T>(ref readonly T source, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Stores to <paramref name="destination"/>[<paramref name="index"/>] on.</summary>
    static abstract void Store<V, T>(V value, ref T destination, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
