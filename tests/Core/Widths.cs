using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>
/// Runs a kernel with registers of a chosen width: all widths in one process, on every processor. If a processor lacks a width, the
/// runtime makes it from narrower registers, with the same bits.
/// </summary>
internal static class Widths
{
    /// <summary>Bits of each register; 0 is the register of one number.</summary>
    public static IReadOnlyList<int> All { get; } = [0, 128, 256, 512];

    public static void Run<T, TKernel>(int bits, TKernel kernel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TKernel : struct, IKernel<T>, allows ref struct
    {
        switch (bits)
        {
            case 512:
                kernel.Run<Simd512<T>>();
                break;
            case 256:
                kernel.Run<Simd256<T>>();
                break;
            case 128:
                kernel.Run<Simd128<T>>();
                break;
            default:
                kernel.Run<Simd1<T>>();
                break;
        }
    }
}
