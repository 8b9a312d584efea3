using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>
/// How packed weights are stored, and how a sum of their products with a vector is formed. A word of 32 bits holds one weight of one sum
/// (fp32), one of each of two sums (bf16) or four of one sum (int8).
/// </summary>
internal interface IWeights
{
    /// <summary>Weights of one sum in a word, and of the vector in a word of factors.</summary>
    static abstract int Terms { get; }

    /// <summary>Registers that hold what one word of factors is multiplied with in a panel, which is two registers of sums wide.</summary>
    static abstract int RowRegisters { get; }

    /// <summary>Words that each sum has beside its weights: its scale and whatever else.</summary>
    static abstract int SumWords { get; }

    /// <summary>Lanes of the registers that the layout is made for.</summary>
    static abstract int Lanes { get; }

    /// <summary>Runs a kernel with these registers.</summary>
    static abstract void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel<float>, allows ref struct;

    /// <summary>
    /// Writes rows of weights, one per lane of a panel (empty ones are zero), to the words of the panel and to <see cref="SumWords"/> of
    /// each sum, which <paramref name="scales"/> has room for, register by register.
    /// </summary>
    static abstract void Pack(MatrixView<float> weights, ReadOnlySpan<int> rows, Span<float> panel, Span<float> scales);

    /// <summary>Writes the numbers of a vector as factors, in whole words; numbers too small to matter become 0.</summary>
    /// <returns>What sums of products with the factors are to be multiplied by.</returns>
    static abstract float PrepareInput<V>(ref readonly float x, int length, ref float factors)
        where V : struct, ISimd<V, float>;

    /// <summary>
    /// A constant that <see cref="AccumulateLow{V}"/> and <see cref="AccumulateHigh{V}"/> need and a loop keeps in a register.
    /// </summary>
    static abstract V LoopConstant<V>()
        where V : struct, ISimd<V, float>;

    /// <summary>A register that <see cref="AccumulateLow{V}"/> and <see cref="AccumulateHigh{V}"/> need beside the factor.</summary>
    static abstract V FactorAbs<V>(V factor)
        where V : struct, ISimd<V, float>;

    /// <summary>The panel's first register of sums, one word of factors on.</summary>
    static abstract void AccumulateLow<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float>;

    /// <summary>The panel's second register of sums, one word of factors on.</summary>
    static abstract void AccumulateHigh<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float>;

    /// <summary>Sums before their first term, to be added to y[index].</summary>
    static abstract V LoadAccumulators<V>(ref readonly float y, nuint index)
        where V : struct, ISimd<V, float>;

    /// <summary>New y[index] after the last term; <paramref name="place"/> is the first sum's place among those of its group.</summary>
    static abstract V Dequantize<V>(
        V sums, ref readonly float y, nuint index, ref readonly float scales, nuint place, V scale)
        where V : struct, ISimd<V, float>;
}
