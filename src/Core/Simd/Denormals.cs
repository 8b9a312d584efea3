using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>
/// Numbers so small that they, or their products with weights, would be denormal. A processor spends a hundred cycles on each denormal
/// number, and .NET cannot ask it to flush them to zero. Code that keeps a decaying state therefore flushes the state itself.
/// </summary>
internal static class Denormals
{
    /// <summary>Least magnitude that is kept: 10⁻³⁰ (float) or 10⁻²⁹⁰ (double).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Least<V, T>()
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.Constant(typeof(T) == typeof(float) ? 1e-30 : 1e-290);

    /// <summary>x, or 0 where |x| is below <see cref="Least"/>; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Flush<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Flush<V, T>(x, Least<V, T>());

    /// <summary>x, or 0 where |x| is below <paramref name="least"/>, which a loop keeps in a register; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Flush<V, T>(V x, V least)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.SelectGreater(least, V.Abs(x), V.Constant(0), x);
}
