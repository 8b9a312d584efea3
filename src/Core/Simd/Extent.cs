using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>Whether registers are filled whole or, at the end of a row, in part: equations in between stay the same.</summary>
internal interface IExtent
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

/// <summary>All lanes.</summary>
internal readonly struct Whole : IExtent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V, T>(ref readonly T source, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Load(in source, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V, T>(V value, ref T destination, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Store(value, ref destination, index);
}

/// <summary>The first <c>count</c> lanes.</summary>
/// <remarks>Not inlined: a dozen of them in one method are more than the compiler inlines.</remarks>
internal readonly struct Part : IExtent
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V Load<V, T>(ref readonly T source, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.LoadPart(in source, index, count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Store<V, T>(V value, ref T destination, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.StorePart(value, ref destination, index, count);
}
