using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Core.Simd;

/// <content>Eight lanes.</content>
internal partial struct Simd256<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> BroadcastInt32(int value) => new(Vector256.Create(value).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Bf16LowToSingle(ref readonly T source, nuint index) =>
        new((Vector256.LoadUnsafe(in source, index).AsInt32() << 16).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Bf16HighToSingle(ref readonly T source, nuint index, Simd256<T> mask) =>
        new(Vector256.LoadUnsafe(in source, index) & mask._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> AbsBytes(Simd256<T> bytes) => new(Vector256.Abs(bytes._value.AsSByte()).As<sbyte, T>());

    public static int ByteBias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AvxVnni.IsSupported ? 128 : 0;
    }

    // The sums of VNNI do not saturate, so a bias may make the factor unsigned. Without VNNI, as in Simd128.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> DotBytes(
        ref readonly T bytes, nuint index, Simd256<T> factor, Simd256<T> factorAbs, Simd256<T> ones, Simd256<T> sums)
    {
        if (AvxVnni.IsSupported)
        {
            return new(AvxVnni.MultiplyWideningAndAdd(
                sums._value.AsInt32(), factor._value.AsByte(), Vector256.LoadUnsafe(in bytes, index).AsSByte()).As<int, T>());
        }

        if (Avx2.IsSupported)
        {
            Vector256<sbyte> signed = Avx2.Sign(Vector256.LoadUnsafe(in bytes, index).AsSByte(), factor._value.AsSByte());
            Vector256<short> pairs = Avx2.MultiplyAddAdjacent(factorAbs._value.AsByte(), signed);
            return new((sums._value.AsInt32() + Avx2.MultiplyAddAdjacent(pairs, ones._value.AsInt16())).As<int, T>());
        }

        return new(
            Simd128<T>.DotBytes(
                in bytes, index, factor.Lower, factorAbs.Lower, ones.Lower, sums.Lower),
            Simd128<T>.DotBytes(
                in bytes, index + (nuint)Simd128<T>.Count, factor.Upper, factorAbs.Upper, ones.Upper, sums.Upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> SubtractBias(Simd256<T> sums, ref readonly T biases, nuint index) => ByteBias == 0
        ? sums
        : new((sums._value.AsInt32() - Vector256.LoadUnsafe(in biases, index).AsInt32()).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd256<T> lanes, ref byte bytes, nuint index)
    {
        var halves = Vector128.Narrow(lanes._value.GetLower().AsUInt32(), lanes._value.GetUpper().AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref bytes, index), Vector128.Narrow(halves, halves).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> ConvertToSingle(Simd256<T> lanes) => new(Vector256.ConvertToSingle(lanes._value.AsInt32()).As<float, T>());

    private Simd128<T> Lower
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetLower());
    }

    private Simd128<T> Upper
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetUpper());
    }
}
