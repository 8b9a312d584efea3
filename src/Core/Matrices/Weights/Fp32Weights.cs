using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>Weights in float: y + Σ w·x, the terms one after the other.</summary>
internal readonly struct Fp32Weights : IWeights
{
    public static int Terms => 1;

    public static int RowRegisters => 2;

    public static int SumWords => 0;

    public static int Lanes => Dispatch.Lanes;

    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel<float>, allows ref struct => Dispatch.Run<float, TKernel>(kernel);

    public static void Pack(MatrixView<float> weights, ReadOnlySpan<int> rows, Span<float> panel, Span<float> scales)
    {
        for (int lane = 0; lane < rows.Length; lane++)
        {
            for (int k = 0; k < weights.Columns; k++)
            {
                panel[(k * rows.Length) + lane] = rows[lane] < 0 ? 0 : weights.At(rows[lane], k);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static float PrepareInput<V>(ref readonly float x, int length, ref float factors)
        where V : struct, ISimd<V, float>
    {
        nuint i = 0;
        for (; i + (nuint)V.Count <= (nuint)length; i += (nuint)V.Count)
        {
            V.Store(Denormals.Flush<V, float>(V.Load(in x, i)), ref factors, i);
        }

        for (; i < (nuint)length; i++)
        {
            Simd1<float>.Store(Denormals.Flush<Simd1<float>, float>(Simd1<float>.Load(in x, i)), ref factors, i);
        }

        return 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoopConstant<V>()
        where V : struct, ISimd<V, float> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FactorAbs<V>(V factor)
        where V : struct, ISimd<V, float> => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateLow<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float> => V.Accumulate(ref sums, in panel, index, factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateHigh<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float> => V.Accumulate(ref sums, in panel, index + (nuint)V.Count, factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadAccumulators<V>(ref readonly float y, nuint index)
        where V : struct, ISimd<V, float> => V.Load(in y, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dequantize<V>(
        V sums, ref readonly float y, nuint index, ref readonly float scales, nuint sum, V scale)
        where V : struct, ISimd<V, float> => sums;
}
