using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>The first <c>count</c> lanes are used.</summary>
/// <remarks>The methods are not inlined: a dozen of them in one method are more than the compiler inlines.</remarks>
internal readonly struct MaskedTail : ILaneMask
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V Load<V, T>(ref readonly T source, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.LoadMasked(in source, index, count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Store<V, T>(V value, ref T destination, nuint index, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => V.StoreMasked(value, ref destination, index, count);
}
