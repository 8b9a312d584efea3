using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>Treatment of each number x of a vector before weights are multiplied by it.</summary>
internal interface IFactor
{
    /// <summary>The second argument of <see cref="Read"/>, which a loop keeps in a register.</summary>
    static abstract V Least<V, T>()
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The factor for <paramref name="x"/>.</summary>
    static abstract V Read<V, T>(V x, V least)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}

/// <summary>The number itself.</summary>
internal readonly struct Plain : IFactor
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Least<V, T>()
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Read<V, T>(V x, V least)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => x;
}

/// <summary>The number, or 0 where its products could be denormal.</summary>
internal readonly struct Flushed : IFactor
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Least<V, T>()
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Denormals.Least<V, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Read<V, T>(V x, V least)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Denormals.Flush<V, T>(x, least);
}
