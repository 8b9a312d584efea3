using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>
/// Weights in bfloat16, the upper half of a float. A word holds one weight of each of a panel's two registers of sums. Sums add the same
/// terms in the same order as <see cref="Fp32Weights"/>.
/// </summary>
internal readonly struct Bf16Weights : IWeights
{
    public static int Terms => 1;

    public static int RowRegisters => 1;

    public static int SumWords => 0;

    public static int Lanes => Dispatch.Lanes;

    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel<float>, allows ref struct => Dispatch.Run<float, TKernel>(kernel);

    public static void Pack(MatrixView<float> weights, ReadOnlySpan<int> rows, Span<float> panel, Span<float> scales)
    {
        int lanes = rows.Length / 2;
        for (int lane = 0; lane < lanes; lane++)
        {
            for (int k = 0; k < weights.Columns; k++)
            {
                uint low = rows[lane] < 0 ? 0 : Round(weights.At(rows[lane], k));
                uint high = rows[lane + lanes] < 0 ? 0 : Round(weights.At(rows[lane + lanes], k));
                panel[(k * lanes) + lane] = BitConverter.UInt32BitsToSingle(low | (high << 16));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float PrepareInput<V>(ref readonly float x, int length, ref float factors)
        where V : struct, ISimd<V, float> => Fp32Weights.PrepareInput<V>(in x, length, ref factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoopConstant<V>()
        where V : struct, ISimd<V, float> => V.BroadcastInt32(-65536);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FactorAbs<V>(V factor)
        where V : struct, ISimd<V, float> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateLow<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float> => V.Accumulate(ref sums, V.Bf16LowToSingle(in panel, index), factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateHigh<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float> => V.Accumulate(ref sums, V.Bf16HighToSingle(in panel, index, loopConstant), factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadAccumulators<V>(ref readonly float y, nuint index)
        where V : struct, ISimd<V, float> => V.Load(in y, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dequantize<V>(
        V sums, ref readonly float y, nuint index, ref readonly float scales, nuint sum, V scale)
        where V : struct, ISimd<V, float> => sums;

    /// <summary>Rounds a float to its upper half, to the nearest, ties to even; a finite number stays finite, NaN stays NaN.</summary>
    private static uint Round(float weight)
    {
        uint bits = BitConverter.SingleToUInt32Bits(weight);
        if (!float.IsFinite(weight))
        {
            return (bits >> 16) | (float.IsNaN(weight) ? 0x40u : 0);
        }

        uint rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
        return (rounded & 0x7F80) == 0x7F80 ? rounded - 1 : rounded;
    }
}
