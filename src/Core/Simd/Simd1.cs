using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>Register of one number: the reference for wide registers and the tail of their loops.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal partial struct Simd1<T>(T value) : ISimd<Simd1<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private T _value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Load(ref readonly T source, nuint index) => new(Unsafe.Add(ref Unsafe.AsRef(in source), index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd1<T> value, ref T destination, nuint index) => Unsafe.Add(ref destination, index) = value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> LoadMasked(ref readonly T source, nuint index, int count) => Load(in source, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(Simd1<T> value, ref T destination, nuint index, int count) => Store(value, ref destination, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Broadcast(T value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Constant(double value) => typeof(T) == typeof(float)
        ? new(Unsafe.BitCast<float, T>((float)value))
        : new(Unsafe.BitCast<double, T>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Simd1<T> value) => value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> operator +(Simd1<T> a, Simd1<T> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> operator -(Simd1<T> a, Simd1<T> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> operator -(Simd1<T> a) => new(-a._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> operator *(Simd1<T> a, Simd1<T> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> operator /(Simd1<T> a, Simd1<T> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> MultiplyAdd(Simd1<T> a, Simd1<T> b, Simd1<T> c) => new(T.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Simd1<T> sum, Simd1<T> a, Simd1<T> b) =>
        sum._value = T.MultiplyAddEstimate(a._value, b._value, sum._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Simd1<T> sum, ref readonly T a, nuint index, Simd1<T> b) => Accumulate(ref sum, Load(in a, index), b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Abs(Simd1<T> a) => new(T.Abs(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Sqrt(Simd1<T> a) => new(T.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Min(Simd1<T> a, Simd1<T> b) => new(T.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> Max(Simd1<T> a, Simd1<T> b) => new(T.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> CopySign(Simd1<T> magnitude, Simd1<T> sign) => new(T.CopySign(magnitude._value, sign._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> SelectGreater(Simd1<T> a, Simd1<T> b, Simd1<T> yes, Simd1<T> no) => a._value > b._value ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd1<T> PowerOfTwo(Simd1<T> shifted)
    {
        if (typeof(T) == typeof(float))
        {
            return new(Unsafe.BitCast<int, T>(Unsafe.BitCast<T, int>(shifted._value) << 23));
        }

        return new(Unsafe.BitCast<long, T>(Unsafe.BitCast<T, long>(shifted._value) << 52));
    }
}
