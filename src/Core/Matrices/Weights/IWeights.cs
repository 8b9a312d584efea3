using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>
/// Storage of packed weights, and sums of their products with a vector. A word is 32 bits of memory: it holds one weight of one sum
/// (fp32), one weight of each of two sums (bf16) or four weights of one sum (int8).
/// </summary>
internal interface IWeights
{
    /// <summary>Number of weights of one sum in a word, and of numbers of the vector in a word of factors.</summary>
    static abstract int Terms { get; }

    /// <summary>
    /// Number of registers with the weights of a panel that one word of factors is multiplied by. A panel is two registers of sums wide.
    /// </summary>
    static abstract int RowRegisters { get; }

    /// <summary>Number of words that each sum has beside its weights: its scale and 128·Σq, which int8 subtracts.</summary>
    static abstract int SumWords { get; }

    /// <summary>Number of lanes of the registers that the layout is made for.</summary>
    static abstract int Lanes { get; }

    /// <summary>Runs a kernel with these registers.</summary>
    static abstract void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel<float>, allows ref struct;

    /// <summary>
    /// Writes rows of weights, one per lane of a panel, to the words of the panel; lanes without a row are zero. Writes
    /// <see cref="SumWords"/> words of each sum to <paramref name="scales"/>, register by register.
    /// </summary>
    static abstract void Pack(MatrixView<float> weights, ReadOnlySpan<int> rows, Span<float> panel, Span<float> scales);

    /// <summary>Writes the numbers of a vector as factors, in whole words; numbers too small to matter become 0.</summary>
    /// <returns>Scale by which sums of products with the factors are multiplied.</returns>
    static abstract float PrepareInput<V>(ref readonly float x, int length, ref float factors)
        where V : struct, ISimd<V, float>;

    /// <summary>
    /// Constant that <see cref="AccumulateLow{V}"/> and <see cref="AccumulateHigh{V}"/> need and that a loop keeps in a register.
    /// </summary>
    static abstract V LoopConstant<V>()
        where V : struct, ISimd<V, float>;

    /// <summary>Register that <see cref="AccumulateLow{V}"/> and <see cref="AccumulateHigh{V}"/> need beside the factor.</summary>
    static abstract V FactorAbs<V>(V factor)
        where V : struct, ISimd<V, float>;

    /// <summary>Adds the products with one word of factors to the first register of sums of a panel.</summary>
    static abstract void AccumulateLow<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float>;

    /// <summary>Adds the products with one word of factors to the second register of sums of a panel.</summary>
    static abstract void AccumulateHigh<V>(ref V sums, ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        where V : struct, ISimd<V, float>;

    /// <summary>Sums before their first term; <see cref="Dequantize{V}"/> adds y[index] where they do not start from it.</summary>
    static abstract V LoadAccumulators<V>(ref readonly float y, nuint index)
        where V : struct, ISimd<V, float>;

    /// <summary>
    /// New y[index] after the last term; <paramref name="sum"/> is the index of the register's first sum among the sums of its group.
    /// </summary>
    static abstract V Dequantize<V>(
        V sums, ref readonly float y, nuint index, ref readonly float scales, nuint sum, V scale)
        where V : struct, ISimd<V, float>;
}
