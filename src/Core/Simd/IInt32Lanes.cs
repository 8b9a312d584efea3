using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>
/// Register seen as lanes of 32 bits, to decode weights that are stored in less than a float. For registers of float; memory of 32-bit
/// numbers is addressed as if it held floats.
/// </summary>
internal interface IInt32Lanes<TSelf, T>
    where TSelf : struct, IInt32Lanes<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Register with the same 32 bits in every lane.</summary>
    static abstract TSelf BroadcastInt32(int value);

    /// <summary>
    /// Floats whose high halves are the low halves of the 32 bits at <paramref name="source"/>[<paramref name="index"/>] and on.
    /// </summary>
    static abstract TSelf Bf16LowToSingle(ref readonly T source, nuint index);

    /// <summary>
    /// Floats whose high halves are the high halves of the 32 bits at <paramref name="source"/>[<paramref name="index"/>] and on;
    /// <paramref name="mask"/> is 0xFFFF0000 in every lane.
    /// </summary>
    static abstract TSelf Bf16HighToSingle(ref readonly T source, nuint index, TSelf mask);

    /// <summary>Magnitude of each byte; no byte is −128.</summary>
    static abstract TSelf AbsBytes(TSelf bytes);

    /// <summary>
    /// Number that is added to each byte of a factor of <see cref="DotBytes"/>: 128 where the instruction takes unsigned factors, else 0.
    /// </summary>
    static abstract int ByteBias { get; }

    /// <summary>
    /// Adds to each lane of <paramref name="sums"/>, in 32 bits, the exact sum of four products: of the bytes at
    /// <paramref name="bytes"/>[<paramref name="index"/>] and on with the bytes of <paramref name="factor"/>. Where
    /// <see cref="ByteBias"/> is 0, <paramref name="factorAbs"/> holds the magnitudes of the factor and <paramref name="ones"/> is
    /// 0x00010001; a loop keeps both in registers. No byte is −128 without the bias.
    /// </summary>
    static abstract TSelf DotBytes(ref readonly T bytes, nuint index, TSelf factor, TSelf factorAbs, TSelf ones, TSelf sums);

    /// <summary>
    /// Sums of <see cref="DotBytes"/> without the part that the bias added to them: 128 times the sum of the bytes of each lane, which
    /// <paramref name="biases"/>[<paramref name="index"/>] and on hold. Sums with the bias may overflow if the sums without it fit into
    /// 32 bits.
    /// </summary>
    static abstract TSelf SubtractBias(TSelf sums, ref readonly T biases, nuint index);

    /// <summary>Stores the lowest byte of each lane to <paramref name="bytes"/>[<paramref name="index"/>] on.</summary>
    static abstract void StoreBytes(TSelf lanes, ref byte bytes, nuint index);

    /// <summary>Converts whole numbers to floats, rounded to the nearest.</summary>
    static abstract TSelf ConvertToSingle(TSelf lanes);
}
