using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>Leaves every number as it is.</summary>
internal readonly struct NoFlush : IFlush
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
