using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>Nothing but multiply-adds: independent chains, enough to cover the latency, all in registers.</summary>
/// <remarks>The chains are written out: an array of chains would be in memory, and the loop would measure that.</remarks>
internal static class MultiplyAddPeak
{
    private const int Loops = 1000;

    /// <summary>Floating-point operations of one <see cref="Run"/>.</summary>
    public static double Operations<T, TRegister>()
        where T : unmanaged
        where TRegister : struct, IRegister<TRegister> =>
        2.0 * Loops * (MultiplyAddForm.HasManyRegisters ? 24 : 14) * TRegister.Bytes / Unsafe.SizeOf<T>();

    /// <summary>Runs the chains of this processor. The result keeps the compiler from removing them.</summary>
    public static TRegister Run<TRegister>()
        where TRegister : struct, IRegister<TRegister> =>
        MultiplyAddForm.HasManyRegisters ? Chains24<TRegister>(Loops) : Chains14<TRegister>(Loops);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TRegister Chains14<TRegister>(int loops)
        where TRegister : struct, IRegister<TRegister>
    {
        TRegister a = TRegister.Create(0.5f);
        TRegister b = TRegister.Create(0.25f);
        TRegister s0 = TRegister.Create(1);
        TRegister s1 = TRegister.Create(2);
        TRegister s2 = TRegister.Create(3);
        TRegister s3 = TRegister.Create(4);
        TRegister s4 = TRegister.Create(5);
        TRegister s5 = TRegister.Create(6);
        TRegister s6 = TRegister.Create(7);
        TRegister s7 = TRegister.Create(8);
        TRegister s8 = TRegister.Create(9);
        TRegister s9 = TRegister.Create(10);
        TRegister s10 = TRegister.Create(11);
        TRegister s11 = TRegister.Create(12);
        TRegister s12 = TRegister.Create(13);
        TRegister s13 = TRegister.Create(14);
        for (int loop = 0; loop < loops; loop++)
        {
            s0 = TRegister.MultiplyAdd(s0, a, b);
            s1 = TRegister.MultiplyAdd(s1, a, b);
            s2 = TRegister.MultiplyAdd(s2, a, b);
            s3 = TRegister.MultiplyAdd(s3, a, b);
            s4 = TRegister.MultiplyAdd(s4, a, b);
            s5 = TRegister.MultiplyAdd(s5, a, b);
            s6 = TRegister.MultiplyAdd(s6, a, b);
            s7 = TRegister.MultiplyAdd(s7, a, b);
            s8 = TRegister.MultiplyAdd(s8, a, b);
            s9 = TRegister.MultiplyAdd(s9, a, b);
            s10 = TRegister.MultiplyAdd(s10, a, b);
            s11 = TRegister.MultiplyAdd(s11, a, b);
            s12 = TRegister.MultiplyAdd(s12, a, b);
            s13 = TRegister.MultiplyAdd(s13, a, b);
        }

        s0 = TRegister.Xor(s0, s1);
        s0 = TRegister.Xor(s0, s2);
        s0 = TRegister.Xor(s0, s3);
        s0 = TRegister.Xor(s0, s4);
        s0 = TRegister.Xor(s0, s5);
        s0 = TRegister.Xor(s0, s6);
        s0 = TRegister.Xor(s0, s7);
        s0 = TRegister.Xor(s0, s8);
        s0 = TRegister.Xor(s0, s9);
        s0 = TRegister.Xor(s0, s10);
        s0 = TRegister.Xor(s0, s11);
        s0 = TRegister.Xor(s0, s12);
        s0 = TRegister.Xor(s0, s13);
        return s0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TRegister Chains24<TRegister>(int loops)
        where TRegister : struct, IRegister<TRegister>
    {
        TRegister a = TRegister.Create(0.5f);
        TRegister b = TRegister.Create(0.25f);
        TRegister s0 = TRegister.Create(1);
        TRegister s1 = TRegister.Create(2);
        TRegister s2 = TRegister.Create(3);
        TRegister s3 = TRegister.Create(4);
        TRegister s4 = TRegister.Create(5);
        TRegister s5 = TRegister.Create(6);
        TRegister s6 = TRegister.Create(7);
        TRegister s7 = TRegister.Create(8);
        TRegister s8 = TRegister.Create(9);
        TRegister s9 = TRegister.Create(10);
        TRegister s10 = TRegister.Create(11);
        TRegister s11 = TRegister.Create(12);
        TRegister s12 = TRegister.Create(13);
        TRegister s13 = TRegister.Create(14);
        TRegister s14 = TRegister.Create(15);
        TRegister s15 = TRegister.Create(16);
        TRegister s16 = TRegister.Create(17);
        TRegister s17 = TRegister.Create(18);
        TRegister s18 = TRegister.Create(19);
        TRegister s19 = TRegister.Create(20);
        TRegister s20 = TRegister.Create(21);
        TRegister s21 = TRegister.Create(22);
        TRegister s22 = TRegister.Create(23);
        TRegister s23 = TRegister.Create(24);
        for (int loop = 0; loop < loops; loop++)
        {
            s0 = TRegister.MultiplyAdd(s0, a, b);
            s1 = TRegister.MultiplyAdd(s1, a, b);
            s2 = TRegister.MultiplyAdd(s2, a, b);
            s3 = TRegister.MultiplyAdd(s3, a, b);
            s4 = TRegister.MultiplyAdd(s4, a, b);
            s5 = TRegister.MultiplyAdd(s5, a, b);
            s6 = TRegister.MultiplyAdd(s6, a, b);
            s7 = TRegister.MultiplyAdd(s7, a, b);
            s8 = TRegister.MultiplyAdd(s8, a, b);
            s9 = TRegister.MultiplyAdd(s9, a, b);
            s10 = TRegister.MultiplyAdd(s10, a, b);
            s11 = TRegister.MultiplyAdd(s11, a, b);
            s12 = TRegister.MultiplyAdd(s12, a, b);
            s13 = TRegister.MultiplyAdd(s13, a, b);
            s14 = TRegister.MultiplyAdd(s14, a, b);
            s15 = TRegister.MultiplyAdd(s15, a, b);
            s16 = TRegister.MultiplyAdd(s16, a, b);
            s17 = TRegister.MultiplyAdd(s17, a, b);
            s18 = TRegister.MultiplyAdd(s18, a, b);
            s19 = TRegister.MultiplyAdd(s19, a, b);
            s20 = TRegister.MultiplyAdd(s20, a, b);
            s21 = TRegister.MultiplyAdd(s21, a, b);
            s22 = TRegister.MultiplyAdd(s22, a, b);
            s23 = TRegister.MultiplyAdd(s23, a, b);
        }

        s0 = TRegister.Xor(s0, s1);
        s0 = TRegister.Xor(s0, s2);
        s0 = TRegister.Xor(s0, s3);
        s0 = TRegister.Xor(s0, s4);
        s0 = TRegister.Xor(s0, s5);
        s0 = TRegister.Xor(s0, s6);
        s0 = TRegister.Xor(s0, s7);
        s0 = TRegister.Xor(s0, s8);
        s0 = TRegister.Xor(s0, s9);
        s0 = TRegister.Xor(s0, s10);
        s0 = TRegister.Xor(s0, s11);
        s0 = TRegister.Xor(s0, s12);
        s0 = TRegister.Xor(s0, s13);
        s0 = TRegister.Xor(s0, s14);
        s0 = TRegister.Xor(s0, s15);
        s0 = TRegister.Xor(s0, s16);
        s0 = TRegister.Xor(s0, s17);
        s0 = TRegister.Xor(s0, s18);
        s0 = TRegister.Xor(s0, s19);
        s0 = TRegister.Xor(s0, s20);
        s0 = TRegister.Xor(s0, s21);
        s0 = TRegister.Xor(s0, s22);
        s0 = TRegister.Xor(s0, s23);
        return s0;
    }
}
