using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Perf;

/// <summary>Facts of the instruction set that decide how a chain of multiply-adds is written.</summary>
internal static class MultiplyAddForm
{
    /// <summary>
    /// Fused: sum + a·b. Not fused: sum·a + b, or the compiler would find that a·b never changes and multiply but once.
    /// </summary>
    public static bool IsFused => Fma.IsSupported || AdvSimd.IsSupported || Avx512F.IsSupported;

    /// <summary>Thirty-two registers hold 24 chains, which four pipes of latency 4 need; sixteen hold 14, enough for two pipes.</summary>
    public static bool HasManyRegisters => AdvSimd.IsSupported || Avx512F.IsSupported;
}
