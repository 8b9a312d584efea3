using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>All lanes are used.</summary>
internal readonly struct FullRegister : ILaneMask
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
