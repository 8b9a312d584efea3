using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>A register of 256 bits.</summary>
internal readonly struct Register256<T>(Vector256<T> value) : IRegister<Register256<T>>
    where T : unmanaged
{
    private readonly Vector256<T> _value = value;

    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    public static int Bytes => 256 / 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Create(float value) =>
        typeof(T) == typeof(float)
            ? new(Vector256.Create(value).As<float, T>())
            : new(Vector256.Create((double)value).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> MultiplyAdd(Register256<T> sum, Register256<T> a, Register256<T> b)
    {
        if (!MultiplyAddForm.IsFused)
        {
            return new((sum._value * a._value) + b._value);
        }

        return typeof(T) == typeof(float)
            ? new(Vector256.MultiplyAddEstimate(
                a._value.As<T, float>(), b._value.As<T, float>(), sum._value.As<T, float>()).As<float, T>())
            : new(Vector256.MultiplyAddEstimate(
                a._value.As<T, double>(), b._value.As<T, double>(), sum._value.As<T, double>()).As<double, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Register256<T> Load(byte* address) => new(Vector256.Load((T*)address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Xor(Register256<T> a, Register256<T> b) => new(a._value ^ b._value);
}
