using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>
/// A register seen as words of 32 bits: what decodes weights that are stored in less than a float. For registers of float; memory that
/// holds words is addressed as if it held floats.
/// </summary>
internal interface IInt32Lanes<TSelf, T>
    where TSelf : struct, IInt32Lanes<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The same word in every lane.</summary>
    static abstract TSelf BroadcastInt32(int word);

    /// <summary>The low halves of words from <paramref name="words"/>[<paramref name="index"/>] on, as high halves of floats.</summary>
    static abstract TSelf Bf16LowToSingle(ref readonly T words, nuint index);

    /// <summary>The high half of each word; <paramref name="mask"/> is 0xFFFF0000 in every lane.</summary>
    static abstract TSelf Bf16HighToSingle(ref readonly T words, nuint index, TSelf mask);

    /// <summary>Each byte without its sign; none is −128.</summary>
    static abstract TSelf AbsBytes(TSelf bytes);

    /// <summary>
    /// What is added to each byte of a factor of <see cref="DotBytes"/>: 128 where its instruction takes unsigned ones, else 0.
    /// </summary>
    static abstract int ByteBias { get; }

    /// <summary>
    /// Per lane: the exact sum of four products of bytes, of <paramref name="bytes"/>[<paramref name="index"/>] with
    /// <paramref name="factor"/>, added to <paramref name="sums"/> in 32 bits. Where <see cref="ByteBias"/> is 0,
    /// <paramref name="magnitude"/> holds the magnitudes of the factor and <paramref name="ones"/> is 0x00010001; a loop keeps both in
    /// registers. No byte is −128 without the bias.
    /// </summary>
    static abstract TSelf DotBytes(ref readonly T bytes, nuint index, TSelf factor, TSelf magnitude, TSelf ones, TSelf sums);

    /// <summary>
    /// Sums of <see cref="DotBytes"/> less what the bias added to them: 128 times the bytes of each lane summed, the words at
    /// <paramref name="biases"/>[<paramref name="index"/>]. Sums on the way may overflow, if those without the bias fit into 32 bits.
    /// </summary>
    static abstract TSelf SubtractBias(TSelf sums, ref readonly T biases, nuint index);

    /// <summary>Stores the lowest byte of each word to <paramref name="bytes"/>[<paramref name="index"/>] on.</summary>
    static abstract void StoreBytes(TSelf words, ref byte bytes, nuint index);

    /// <summary>Whole numbers to floats, rounded to the nearest.</summary>
    static abstract TSelf ConvertToSingle(TSelf words);
}
