using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>What becomes of a number of the vector before it is multiplied.</summary>
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

// x
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

// x, or 0 where its products could be denormal
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
