using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Core.Simd;

/// <content>Four words.</content>
internal partial struct Simd128<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> BroadcastInt32(int word) => new(Vector128.Create(word).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Bf16LowToSingle(ref readonly T words, nuint index) =>
        new((Vector128.LoadUnsafe(in words, index).AsInt32() << 16).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Bf16HighToSingle(ref readonly T words, nuint index, Simd128<T> mask) =>
        new(Vector128.LoadUnsafe(in words, index) & mask._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> AbsBytes(Simd128<T> bytes) => new(Vector128.Abs(bytes._value.AsSByte()).As<sbyte, T>());

    public static int ByteBias => 0;

    // With the magnitude of one factor as the unsigned and the other with the first one's sign as the signed operand, sums of two products
    // stay below 2¹⁵, so the instruction that saturates them does not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> DotBytes(
        ref readonly T bytes, nuint index, Simd128<T> factor, Simd128<T> magnitude, Simd128<T> ones, Simd128<T> sums)
    {
        var a = Vector128.LoadUnsafe(in bytes, index);
        if (Dp.IsSupported)
        {
            return new(Dp.DotProduct(sums._value.AsInt32(), a.AsSByte(), factor._value.AsSByte()).As<int, T>());
        }

        if (Ssse3.IsSupported)
        {
            Vector128<short> pairs = Ssse3.MultiplyAddAdjacent(
                magnitude._value.AsByte(), Ssse3.Sign(a.AsSByte(), factor._value.AsSByte()));
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
    public static void StoreBytes(Simd128<T> words, ref byte bytes, nuint index)
    {
        var halves = Vector128.Narrow(words._value.AsUInt32(), words._value.AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref bytes, index), Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> ConvertToSingle(Simd128<T> words) => new(Vector128.ConvertToSingle(words._value.AsInt32()).As<float, T>());
}
