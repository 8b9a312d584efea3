using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>One number, for a run that may not use vector registers.</summary>
internal readonly struct Register1<T>(T value) : IRegister<Register1<T>>
    where T : unmanaged, IBinaryNumber<T>
{
    private readonly T _value = value;

    public static bool IsSupported => !Vector128.IsHardwareAccelerated;

    public static int Bytes => Unsafe.SizeOf<T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register1<T> Create(float value) => new(T.CreateTruncating(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register1<T> MultiplyAdd(Register1<T> sum, Register1<T> a, Register1<T> b) => new((sum._value * a._value) + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Register1<T> Load(byte* address) => new(*(T*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register1<T> Xor(Register1<T> a, Register1<T> b) => new(a._value ^ b._value);
}
