using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>A run that asks for an instruction set gets it.</summary>
[Trait("Category", "Simd")]
public class WidthTests
{
    /// <summary>Variable set together with a switch of the runtime: the bits of a register that the switch leaves, or 1.</summary>
    private const string ExpectedVariable = "SPANRNN_EXPECT_WIDTH";

    [Fact]
    public void Kernels_run_at_the_width_that_was_asked_for()
    {
        string? asked = Environment.GetEnvironmentVariable(ExpectedVariable);
        int expected = string.IsNullOrEmpty(asked) ? WidestOfProcessor() : int.Parse(asked, CultureInfo.InvariantCulture);

        Assert.Equal(expected, WidthOfKernels<float>());
        Assert.Equal(expected, WidthOfKernels<double>());
    }

    private static int WidestOfProcessor() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 1;

    private static int WidthOfKernels<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = 0;
        Dispatch.Run<T, ReadWidth<T>>(new ReadWidth<T>(ref width));
        return width;
    }

    private readonly ref struct ReadWidth<T>(ref int width) : IKernel<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly ref int _width = ref width;

        public void Run<V>()
            where V : struct, ISimd<V, T> => _width = V.Count == 1 ? 1 : V.Count * 8 * Unsafe.SizeOf<T>();
    }
}
