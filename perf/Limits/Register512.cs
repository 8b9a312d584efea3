using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>A register of 512 bits.</summary>
internal readonly struct Register512<T>(Vector512<T> value) : IRegister<Register512<T>>
    where T : unmanaged
{
    private readonly Vector512<T> _value = value;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    public static int Bytes => 512 / 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Create(float value) =>
        typeof(T) == typeof(float)
            ? new(Vector512.Create(value).As<float, T>())
            : new(Vector512.Create((double)value).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> MultiplyAdd(Register512<T> sum, Register512<T> a, Register512<T> b)
    {
        if (!MultiplyAddForm.IsFused)
        {
            return new((sum._value * a._value) + b._value);
        }

        return typeof(T) == typeof(float)
            ? new(Vector512.MultiplyAddEstimate(
                a._value.As<T, float>(), b._value.As<T, float>(), sum._value.As<T, float>()).As<float, T>())
            : new(Vector512.MultiplyAddEstimate(
                a._value.As<T, double>(), b._value.As<T, double>(), sum._value.As<T, double>()).As<double, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Register512<T> Load(byte* address) => new(Vector512.Load((T*)address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Xor(Register512<T> a, Register512<T> b) => new(a._value ^ b._value);
}
