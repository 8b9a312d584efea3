using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Core.Simd;

/// <content>Sixteen lanes.</content>
internal partial struct Simd512<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> BroadcastInt32(int value) => new(Vector512.Create(value).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Bf16LowToSingle(ref readonly T source, nuint index) =>
        new((Vector512.LoadUnsafe(in source, index).AsInt32() << 16).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Bf16HighToSingle(ref readonly T source, nuint index, Simd512<T> mask) =>
        new(Vector512.LoadUnsafe(in source, index) & mask._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> AbsBytes(Simd512<T> bytes) => new(Vector512.Abs(bytes._value.AsSByte()).As<sbyte, T>());

    public static int ByteBias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Simd256<T>.ByteBias;
    }

    // .NET has no dot product of bytes at this width, so int8 weights use registers of 256 bits at most.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> DotBytes(
        ref readonly T bytes, nuint index, Simd512<T> factor, Simd512<T> factorAbs, Simd512<T> ones, Simd512<T> sums) => new(
            Simd256<T>.DotBytes(in bytes, index, factor.Lower, factorAbs.Lower, ones.Lower, sums.Lower),
            Simd256<T>.DotBytes(
                in bytes, index + (nuint)Simd256<T>.Count, factor.Upper, factorAbs.Upper, ones.Upper, sums.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> SubtractBias(Simd512<T> sums, ref readonly T biases, nuint index) => new(
        Simd256<T>.SubtractBias(sums.Lower, in biases, index),
        Simd256<T>.SubtractBias(sums.Upper, in biases, index + (nuint)Simd256<T>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd512<T> lanes, ref byte bytes, nuint index)
    {
        Simd256<T>.StoreBytes(lanes.Lower, ref bytes, index);
        Simd256<T>.StoreBytes(lanes.Upper, ref bytes, index + (nuint)Simd256<T>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> ConvertToSingle(Simd512<T> lanes) => new(Vector512.ConvertToSingle(lanes._value.AsInt32()).As<float, T>());

    private Simd256<T> Lower
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetLower());
    }

    private Simd256<T> Upper
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetUpper());
    }
}
