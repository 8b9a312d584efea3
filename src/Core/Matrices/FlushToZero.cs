using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>Replaces a number whose products could be denormal by 0.</summary>
internal readonly struct FlushToZero : IFlush
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
