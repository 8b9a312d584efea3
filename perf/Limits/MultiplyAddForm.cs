using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Perf;

/// <summary>Facts of the instruction set that decide how a chain of multiply-adds is written.</summary>
internal static class MultiplyAddForm
{
    /// <summary>
    /// True for sum + a·b, the fused form. Without it the form is sum·a + b, since the compiler would compute an unchanging a·b only once.
    /// </summary>
    public static bool IsFused => Fma.IsSupported || AdvSimd.IsSupported || Avx512F.IsSupported;

    /// <summary>True for 32 registers. They hold 24 chains, as four pipes of latency 4 need; 16 hold 14, enough for two pipes.</summary>
    public static bool HasManyRegisters => AdvSimd.IsSupported || Avx512F.IsSupported;
}
