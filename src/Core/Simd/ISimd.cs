using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>
/// Register of numbers: the abstraction that every kernel and every cell's equations are written on. Registers have 512, 256 or 128 bits
/// or one number, in float and in double. The register of one number is the reference and the tail.
/// </summary>
/// <remarks>
/// All members compile to one or a few instructions. A lane of a wide register has the same bits as <see cref="Simd1{T}"/> on the same
/// machine, so a result does not depend on whether an element fell into the body of a loop or into its tail.
/// </remarks>
internal interface ISimd<TSelf, T> : IInt32Lanes<TSelf, T>
    where TSelf : struct, ISimd<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Number of lanes.</summary>
    static abstract int Count { get; }

    /// <summary>Loads the numbers from <paramref name="source"/>[<paramref name="index"/>] on; any alignment.</summary>
    static abstract TSelf Load(ref readonly T source, nuint index);

    /// <summary>Stores to <paramref name="destination"/>[<paramref name="index"/>] on; any alignment.</summary>
    static abstract void Store(TSelf value, ref T destination, nuint index);

    /// <summary>
    /// Loads the first <paramref name="count"/> numbers, 1 or more, as <see cref="Load"/> does; the other lanes are zero.
    /// </summary>
    static abstract TSelf LoadMasked(ref readonly T source, nuint index, int count);

    /// <summary>Stores the first <paramref name="count"/> numbers, 1 or more, and touches nothing behind them.</summary>
    static abstract void StoreMasked(TSelf value, ref T destination, nuint index, int count);

    /// <summary>Register with the same number in every lane.</summary>
    static abstract TSelf Broadcast(T value);

    /// <summary>Register with the same constant in every lane, rounded to the precision.</summary>
    static abstract TSelf Constant(double value);

    /// <summary>Sum of the lanes.</summary>
    static abstract T Sum(TSelf value);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a·b + c, fused where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>
    /// sum ← a·b + sum, in the register of the sum. In a loop <c>sum = MultiplyAdd(a, b, sum)</c> returns through a temporary. The compiler
    /// then multiplies into the register of a factor that is no longer needed and copies the result back: one move per factor.
    /// </summary>
    static abstract void Accumulate(ref TSelf sum, TSelf a, TSelf b);

    /// <summary>
    /// sum ← a·b + sum with the numbers from <paramref name="a"/>[<paramref name="index"/>] on. It takes one instruction; a load through a
    /// register of this type takes three.
    /// </summary>
    static abstract void Accumulate(ref TSelf sum, ref readonly T a, nuint index, TSelf b);

    /// <summary>|a|</summary>
    static abstract TSelf Abs(TSelf a);

    /// <summary>√a</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>Smaller of both; NaN where <paramref name="b"/> is NaN; b or NaN where <paramref name="a"/> is NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Larger of both; NaN where <paramref name="b"/> is NaN; b or NaN where <paramref name="a"/> is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>
    /// Number with the magnitude of <paramref name="magnitude"/> and the sign of <paramref name="sign"/>. Where the sign bit of the
    /// magnitude is set, the sign bit of the sign must be set as well.
    /// </summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>Per lane a &gt; b ? yes : no; with a NaN in a or b it is <paramref name="no"/>.</summary>
    static abstract TSelf SelectGreater(TSelf a, TSelf b, TSelf yes, TSelf no);

    /// <summary>
    /// 2ⁿ, where the low bits of <paramref name="shifted"/> = n + bias + 1.5·2^p hold the whole number n + bias. p is the number of
    /// explicit bits of a significand, 23 or 52; bias is the bias of the exponents, 127 or 1023; 2ⁿ is a normal number.
    /// </summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);
}
