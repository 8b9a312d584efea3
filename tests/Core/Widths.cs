using System.Numerics;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>Runs a kernel with registers of a chosen width: all that the processor has, in one process.</summary>
internal static class Widths
{
    /// <summary>Bits of each register that can be used here; 0 is the register of one number.</summary>
    public static IEnumerable<int> Available
    {
        get
        {
            yield return 0;
            if (Vector128.IsHardwareAccelerated)
            {
                yield return 128;
            }

            if (Vector256.IsHardwareAccelerated)
            {
                yield return 256;
            }

            if (Vector512.IsHardwareAccelerated)
            {
                yield return 512;
            }
        }
    }

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
