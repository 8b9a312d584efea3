using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Core.Simd;

/// <summary>Register of 256 bits.</summary>
/// <remarks>Written out beside <see cref="Simd128{T}"/> for the reason given there.</remarks>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal partial struct Simd256<T>(Vector256<T> value) : ISimd<Simd256<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector256<T> _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Simd256(Simd128<T> lower, Simd128<T> upper)
        : this(Vector256.Create(lower.Value, upper.Value))
    {
    }

    /// <summary>Vector of the base library, which is half of a wider one.</summary>
    public Vector256<T> Value => _value;

    public static int Count => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Load(ref readonly T source, nuint index) => new(Vector256.LoadUnsafe(in source, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256<T> value, ref T destination, nuint index) => value._value.StoreUnsafe(ref destination, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> LoadMasked(ref readonly T source, nuint index, int count) => count <= Simd128<T>.Count
        ? new(Simd128<T>.LoadMasked(in source, index, count), default)
        : new(
            Simd128<T>.Load(in source, index),
            Simd128<T>.LoadMasked(in source, index + (nuint)Simd128<T>.Count, count - Simd128<T>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(Simd256<T> value, ref T destination, nuint index, int count)
    {
        if (count <= Simd128<T>.Count)
        {
            Simd128<T>.StoreMasked(new(value._value.GetLower()), ref destination, index, count);
        }
        else
        {
            Simd128<T>.Store(new(value._value.GetLower()), ref destination, index);
            Simd128<T>.StoreMasked(
                new(value._value.GetUpper()), ref destination, index + (nuint)Simd128<T>.Count, count - Simd128<T>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Broadcast(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Constant(double value) => typeof(T) == typeof(float)
        ? new(Vector256.Create((float)value).As<float, T>())
        : new(Vector256.Create(value).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Simd256<T> value) => Vector256.Sum(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator +(Simd256<T> a, Simd256<T> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator -(Simd256<T> a, Simd256<T> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator -(Simd256<T> a) => new(-a._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator *(Simd256<T> a, Simd256<T> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator /(Simd256<T> a, Simd256<T> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> MultiplyAdd(Simd256<T> a, Simd256<T> b, Simd256<T> c) => typeof(T) == typeof(float)
        ? new(Vector256.MultiplyAddEstimate(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).As<float, T>())
        : new(Vector256.MultiplyAddEstimate(a._value.AsDouble(), b._value.AsDouble(), c._value.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Simd256<T> sum, Simd256<T> a, Simd256<T> b)
    {
        if (typeof(T) == typeof(float))
        {
            sum._value = Vector256.MultiplyAddEstimate(a._value.AsSingle(), b._value.AsSingle(), sum._value.AsSingle()).As<float, T>();
        }
        else
        {
            sum._value = Vector256.MultiplyAddEstimate(a._value.AsDouble(), b._value.AsDouble(), sum._value.AsDouble()).As<double, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Simd256<T> sum, ref readonly T a, nuint index, Simd256<T> b)
    {
        var loaded = Vector256.LoadUnsafe(in a, index);
        if (typeof(T) == typeof(float))
        {
            sum._value = Vector256.MultiplyAddEstimate(loaded.AsSingle(), b._value.AsSingle(), sum._value.AsSingle()).As<float, T>();
        }
        else
        {
            sum._value = Vector256.MultiplyAddEstimate(loaded.AsDouble(), b._value.AsDouble(), sum._value.AsDouble()).As<double, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Abs(Simd256<T> a) => new(Vector256.Abs(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Sqrt(Simd256<T> a) => new(Vector256.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Min(Simd256<T> a, Simd256<T> b) => new(Vector256.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Max(Simd256<T> a, Simd256<T> b) => new(Vector256.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> CopySign(Simd256<T> magnitude, Simd256<T> sign) =>
        new(magnitude._value | (sign._value & Vector256.Create(-T.Zero)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> SelectGreater(Simd256<T> a, Simd256<T> b, Simd256<T> yes, Simd256<T> no) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a._value, b._value), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> PowerOfTwo(Simd256<T> shifted) => typeof(T) == typeof(float)
        ? new((shifted._value.AsInt32() << 23).As<int, T>())
        : new((shifted._value.AsInt64() << 52).As<long, T>());
}
