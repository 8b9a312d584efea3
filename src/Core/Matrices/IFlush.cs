using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>Treatment of each number x of a vector before weights are multiplied by it.</summary>
internal interface IFlush
{
    /// <summary>Second argument of <see cref="Read"/>, which a loop keeps in a register.</summary>
    static abstract V Least<V, T>()
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Factor that is used for <paramref name="x"/>.</summary>
    static abstract V Read<V, T>(V x, V least)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
