using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>A register of 128 bits.</summary>
internal readonly struct Register128<T>(Vector128<T> value) : IRegister<Register128<T>>
    where T : unmanaged
{
    private readonly Vector128<T> _value = value;

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int Bytes => 128 / 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Create(float value) =>
        typeof(T) == typeof(float)
            ? new(Vector128.Create(value).As<float, T>())
            : new(Vector128.Create((double)value).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> MultiplyAdd(Register128<T> sum, Register128<T> a, Register128<T> b)
    {
        if (!MultiplyAddForm.IsFused)
        {
            return new((sum._value * a._value) + b._value);
        }

        return typeof(T) == typeof(float)
            ? new(Vector128.MultiplyAddEstimate(
                a._value.As<T, float>(), b._value.As<T, float>(), sum._value.As<T, float>()).As<float, T>())
            : new(Vector128.MultiplyAddEstimate(
                a._value.As<T, double>(), b._value.As<T, double>(), sum._value.As<T, double>()).As<double, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Register128<T> Load(byte* address) => new(Vector128.Load((T*)address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Xor(Register128<T> a, Register128<T> b) => new(a._value ^ b._value);
}
