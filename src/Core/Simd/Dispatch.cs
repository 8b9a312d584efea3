using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Core.Simd;

/// <summary>Runs a kernel with the widest registers of this processor. Kernels on int8 weights take at most 256 bits.</summary>
internal static class Dispatch
{
    /// <summary>Number of floats in the widest register of this processor.</summary>
    public static int Lanes => Vector512.IsHardwareAccelerated ? Simd512<float>.Count
        : Vector256.IsHardwareAccelerated ? Simd256<float>.Count
        : Vector128.IsHardwareAccelerated ? Simd128<float>.Count
        : 1;

    /// <summary>Runs <paramref name="kernel"/>. The compiler knows the conditions as constants, so one call remains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T, TKernel>(TKernel kernel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TKernel : struct, IKernel<T>, allows ref struct
    {
        if (Vector512.IsHardwareAccelerated)
        {
            kernel.Run<Simd512<T>>();
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            kernel.Run<Simd256<T>>();
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            kernel.Run<Simd128<T>>();
        }
        else
        {
            kernel.Run<Simd1<T>>();
        }
    }
}
