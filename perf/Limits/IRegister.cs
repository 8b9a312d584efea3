namespace SpanRnn.Perf;

/// <summary>
/// One register, just enough to find the limits with. Independent of the SIMD layer of Core, since a limit that is measured with
/// the code under test would share its faults.
/// </summary>
internal interface IRegister<TSelf>
    where TSelf : struct, IRegister<TSelf>
{
    /// <summary>Whether this processor has such registers and this run may use them.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Bytes of one register.</summary>
    static abstract int Bytes { get; }

    static abstract TSelf Create(float value);

    /// <summary>One multiplication and one addition for each number, dependent on <paramref name="sum"/>.</summary>
    static abstract TSelf MultiplyAdd(TSelf sum, TSelf a, TSelf b);

    static abstract unsafe TSelf Load(byte* address);

    static abstract TSelf Xor(TSelf a, TSelf b);
}
