namespace SpanRnn.Perf;

/// <summary>
/// One register, with just enough operations to find the limits. It is independent of the SIMD layer of Core: a limit measured with the
/// code under test would share its faults.
/// </summary>
internal interface IRegister<TSelf>
    where TSelf : struct, IRegister<TSelf>
{
    /// <summary>True if this processor has such registers and this run may use them.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Bytes of one register.</summary>
    static abstract int Bytes { get; }

    static abstract TSelf Create(float value);

    /// <summary>One multiplication and one addition for each number; depends on <paramref name="sum"/>.</summary>
    static abstract TSelf MultiplyAdd(TSelf sum, TSelf a, TSelf b);

    static abstract unsafe TSelf Load(byte* address);

    static abstract TSelf Xor(TSelf a, TSelf b);
}
