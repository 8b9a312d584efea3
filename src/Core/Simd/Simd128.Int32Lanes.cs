using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Core.Simd;

/// <content>Four lanes.</content>
internal partial struct Simd128<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> BroadcastInt32(int value) => new(Vector128.Create(value).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Bf16LowToSingle(ref readonly T source, nuint index) =>
        new((Vector128.LoadUnsafe(in source, index).AsInt32() << 16).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Bf16HighToSingle(ref readonly T source, nuint index, Simd128<T> mask) =>
        new(Vector128.LoadUnsafe(in source, index) & mask._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> AbsBytes(Simd128<T> bytes) => new(Vector128.Abs(bytes._value.AsSByte()).As<sbyte, T>());

    public static int ByteBias => 0;

    // The unsigned operand is |factor|, the signed one is the weight with the sign of the factor. Sums of two products then stay below 2¹⁵,
    // so the instruction, which saturates, never does.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> DotBytes(
        ref readonly T bytes, nuint index, Simd128<T> factor, Simd128<T> factorAbs, Simd128<T> ones, Simd128<T> sums)
    {
        var a = Vector128.LoadUnsafe(in bytes, index);
        if (Dp.IsSupported)
        {
            return new(Dp.DotProduct(sums._value.AsInt32(), a.AsSByte(), factor._value.AsSByte()).As<int, T>());
        }

        if (Ssse3.IsSupported)
        {
            Vector128<short> pairs = Ssse3.MultiplyAddAdjacent(
                factorAbs._value.AsByte(), Ssse3.Sign(a.AsSByte(), factor._value.AsSByte()));
            return new((sums._value.AsInt32() + Sse2.MultiplyAddAdjacent(pairs, ones._value.AsInt16())).As<int, T>());
        }

        Vector128<int> x = a.AsInt32();
        Vector128<int> y = factor._value.AsInt32();
        Vector128<int> sum = sums._value.AsInt32() + ((x >> 24) * (y >> 24));
        sum += (x << 8 >> 24) * (y << 8 >> 24);
        sum += (x << 16 >> 24) * (y << 16 >> 24);
        sum += (x << 24 >> 24) * (y << 24 >> 24);
        return new(sum.As<int, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> SubtractBias(Simd128<T> sums, ref readonly T biases, nuint index) => sums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd128<T> lanes, ref byte bytes, nuint index)
    {
        var halves = Vector128.Narrow(lanes._value.AsUInt32(), lanes._value.AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref bytes, index), Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> ConvertToSingle(Simd128<T> lanes) => new(Vector128.ConvertToSingle(lanes._value.AsInt32()).As<float, T>());
}
