using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>
/// Weights q in whole numbers from −127 to 127 with one scale per row; a word holds four weights of one sum. A vector is scaled and rounded
/// to whole numbers p in the same way when it arrives. Sums of products are exact in 32 bits: y + scale of the row · scale of the
/// vector · Σ q·p. Where the factors p have a bias, the sum of a row is too large by 128·Σ q, which the row keeps beside its scale.
/// </summary>
internal readonly struct Int8Weights : IWeights
{
    /// <summary>Largest magnitude of a byte.</summary>
    public const int Largest = 127;

    /// <summary>
    /// Length of the longest vector whose sums fit into 32 bits. Sums with a bias may overflow; they are exact again once it is subtracted.
    /// </summary>
    public const int LongestVector = int.MaxValue / (Largest * Largest);

    // Adding 1.5·2²³ rounds to a whole number, which is then in the low bits; adding 128 more changes no rounding.
    private const float Shifter = 12582912;

    // Least magnitude that is kept, as in Denormals.
    private const float Least = 1e-30f;

    // Bias of the factors where they have one.
    private const int Bias = 128;

    public static int Terms => 4;

    public static int RowRegisters => 2;

    public static int SumWords => 2;

    // .NET has dot products of bytes at 256 bits and less.
    public static int Lanes => Math.Min(Dispatch.Lanes, Simd256<float>.Count);

    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel<float>, allows ref struct
    {
        if (Vector256.IsHardwareAccelerated)
        {
            kernel.Run<Simd256<float>>();
        }
        else
        {
            Dispatch.Run<float, TKernel>(kernel);
        }
    }

    public static void Pack(MatrixView<float> weights, ReadOnlySpan<int> rows, Span<float> panel, Span<float> scales)
    {
        Span<sbyte> bytes = MemoryMarshal.Cast<float, sbyte>(panel);
        bytes.Clear();
        scales.Clear();
        Span<int> biases = MemoryMarshal.Cast<float, int>(scales);
        int lanes = rows.Length / 2;
        for (int lane = 0; lane < rows.Length; lane++)
        {
            // The scales of a register come before its biases.
            int scale = lane + (lane / lanes * lanes);
            if (rows[lane] < 0)
            {
                continue;
            }

            double largest = 0;
            for (int k = 0; k < weights.Columns; k++)
            {
                largest = Math.Max(largest, Math.Abs((double)weights.At(rows[lane], k)));
            }

            // With NaN or infinity in a row no scale fits, and all sums of the row are NaN.
            if (!double.IsFinite(largest))
            {
                scales[scale] = float.NaN;
                continue;
            }

            scales[scale] = (float)(largest / Largest);
            for (int k = 0; k < weights.Columns && largest > 0; k++)
            {
                double quotient = Math.Round(weights.At(rows[lane], k) * (Largest / largest));
                bytes[(((k / 4 * rows.Length) + lane) * 4) + (k % 4)] = (sbyte)quotient;
                biases[scale + lanes] += Bias * (int)quotient;
            }
        }
    }

    // Finds the largest magnitude, then rounds 127 · x / largest to whole numbers. Where all magnitudes are below 10⁻³⁰, all factors are
    // zero. Where a number is NaN or infinite, the scale is NaN, which makes every sum NaN.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static float PrepareInput<V>(ref readonly float x, int length, ref float factors)
        where V : struct, ISimd<V, float>
    {
        nuint end = (nuint)length;
        nuint whole = end - (end % (nuint)V.Count);

        // A NaN or an infinity minus itself is NaN, and a sum with a NaN stays NaN.
        V peaks = V.Constant(0), notFinite = peaks;
        nuint i = 0;
        for (; i < whole; i += (nuint)V.Count)
        {
            V value = V.Load(in x, i);
            peaks = V.Max(V.Abs(value), peaks);
            notFinite += value - value;
        }

        // The address of a copy is taken: a variable whose address is taken would be in memory throughout the loop.
        V largest = peaks;
        float magnitude = 0, sum = V.Sum(notFinite);
        for (int lane = 0; lane < V.Count; lane++)
        {
            magnitude = float.MaxNative(magnitude, Unsafe.Add(ref Unsafe.As<V, float>(ref largest), lane));
        }

        for (; i < end; i++)
        {
            float value = Unsafe.Add(ref Unsafe.AsRef(in x), i);
            magnitude = float.MaxNative(magnitude, Math.Abs(value));
            sum += value - value;
        }

        // The last word may hold fewer than four numbers.
        ref byte bytes = ref Unsafe.As<float, byte>(ref factors);
        nuint words = (end + 3) / 4;
        if (!(magnitude >= Least) || float.IsNaN(sum))
        {
            MemoryMarshal.CreateSpan(ref bytes, (int)words * 4).Fill((byte)V.ByteBias);
            return float.IsNaN(sum) ? float.NaN : 0;
        }

        float inverse = Largest / magnitude, shift = Shifter + V.ByteBias;
        V factor = V.Broadcast(inverse), shifter = V.Broadcast(shift), least = Denormals.Least<V, float>();
        for (i = 0; i < whole; i += (nuint)V.Count)
        {
            V.StoreBytes((Denormals.Flush<V, float>(V.Load(in x, i), least) * factor) + shifter, ref bytes, i);
        }

        for (; i < words * 4; i++)
        {
            float value = i < end ? Unsafe.Add(ref Unsafe.AsRef(in x), i) : 0;
            value = Math.Abs(value) < Least ? 0 : value;
            Unsafe.Add(ref bytes, i) = (byte)BitConverter.SingleToInt32Bits((value * inverse) + shift);
        }

        return magnitude / Largest;
    }

    // Two halves of 16 bits, each of which is 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoopConstant<V>()
        where V : struct, ISimd<V, float> => V.BroadcastInt32(0x00010001);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FactorAbs<V>(V factor)
        where V : struct, ISimd<V, float> => V.AbsBytes(factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateLow<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float> => sums = V.DotBytes(in panel, index, factor, factorAbs, loopConstant, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulateHigh<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float> => sums = V.DotBytes(in panel, index + (nuint)V.Count, factor, factorAbs, loopConstant, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadAccumulators<V>(ref readonly float y, nuint index)
        where V : struct, ISimd<V, float> => V.BroadcastInt32(0);

    // Multiplies by one scale after the other: the product of both scales may be infinite or denormal where the result is neither.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dequantize<V>(
        V sums, ref readonly float y, nuint index, ref readonly float scales, nuint sum, V scale)
        where V : struct, ISimd<V, float>
    {
        V whole = V.ConvertToSingle(V.SubtractBias(sums, in scales, (2 * sum) + (nuint)V.Count));
        return V.MultiplyAdd(whole * V.Load(in scales, 2 * sum), scale, V.Load(in y, index));
    }
}
