using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <content>One lane of 32 bits.</content>
internal partial struct Simd1<T>
{
    private int Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.BitCast<T, int>(_value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> BroadcastInt32(int value) => new(Unsafe.BitCast<int, T>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Bf16LowToSingle(ref readonly T source, nuint index) => BroadcastInt32(Load(in source, index).Bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Bf16HighToSingle(ref readonly T source, nuint index, Simd1<T> mask) =>
        BroadcastInt32(Load(in source, index).Bits & mask.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> AbsBytes(Simd1<T> bytes) => bytes;

    public static int ByteBias => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> DotBytes(
        ref readonly T bytes, nuint index, Simd1<T> factor, Simd1<T> factorAbs, Simd1<T> ones, Simd1<T> sums)
    {
        int a = Load(in bytes, index).Bits;
        int b = factor.Bits;
        return BroadcastInt32(sums.Bits
            + ((sbyte)a * (sbyte)b)
            + ((sbyte)(a >> 8) * (sbyte)(b >> 8))
            + ((sbyte)(a >> 16) * (sbyte)(b >> 16))
            + ((a >> 24) * (b >> 24)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> SubtractBias(Simd1<T> sums, ref readonly T biases, nuint index) => sums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd1<T> lanes, ref byte bytes, nuint index) => Unsafe.Add(ref bytes, index) = (byte)lanes.Bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> ConvertToSingle(Simd1<T> lanes) => new(Unsafe.BitCast<float, T>(lanes.Bits));
}
