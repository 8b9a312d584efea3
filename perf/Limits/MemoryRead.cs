using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>Reads every byte of a memory once, with the widest registers and one exclusive or per load, nothing slower.</summary>
internal static unsafe class MemoryRead
{
    /// <summary>Lengths in bytes must be a multiple of this.</summary>
    public const int Block = 1024;

    private const int Loads = 16;

    // As long as a panel of weights, and long enough for a prefetcher to recognize it.
    private const long Panel = 16 << 10;

    /// <summary>Reads groups of four panels from the last to the first, each forward, as a walk back over packed weights does.</summary>
    public static void RunBackward(byte* first, long bytes)
    {
        for (long end = bytes; end > 0; end -= 4 * Panel)
        {
            long start = Math.Max(0, end - (4 * Panel));
            Run(first + start, end - start);
        }
    }

    /// <summary>Reads from the first byte to the last.</summary>
    public static void Run(byte* first, long bytes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Run<Register512<byte>>(first, bytes);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<Register256<byte>>(first, bytes);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<Register128<byte>>(first, bytes);
        }
        else
        {
            Run<Register1<long>>(first, bytes);
        }
    }

    // Eight sums, since the dependence of one would be the limit. Storing the registers at the end keeps the loads alive.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TRegister Run<TRegister>(byte* first, long bytes)
        where TRegister : struct, IRegister<TRegister>
    {
        TRegister s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        byte* at = first;

        // Four panels side by side, as the kernels read them: beyond the caches one stream alone is slower than four.
        for (; bytes >= 4 * Panel; bytes -= 4 * Panel)
        {
            for (long left = Panel / (4 * TRegister.Bytes); left > 0; left--)
            {
                s0 = TRegister.Xor(s0, TRegister.Load(at + (0 * TRegister.Bytes)));
                s1 = TRegister.Xor(s1, TRegister.Load(at + (1 * TRegister.Bytes)));
                s2 = TRegister.Xor(s2, TRegister.Load(at + (2 * TRegister.Bytes)));
                s3 = TRegister.Xor(s3, TRegister.Load(at + (3 * TRegister.Bytes)));
                s4 = TRegister.Xor(s4, TRegister.Load(at + (1 * Panel) + (0 * TRegister.Bytes)));
                s5 = TRegister.Xor(s5, TRegister.Load(at + (1 * Panel) + (1 * TRegister.Bytes)));
                s6 = TRegister.Xor(s6, TRegister.Load(at + (1 * Panel) + (2 * TRegister.Bytes)));
                s7 = TRegister.Xor(s7, TRegister.Load(at + (1 * Panel) + (3 * TRegister.Bytes)));
                s0 = TRegister.Xor(s0, TRegister.Load(at + (2 * Panel) + (0 * TRegister.Bytes)));
                s1 = TRegister.Xor(s1, TRegister.Load(at + (2 * Panel) + (1 * TRegister.Bytes)));
                s2 = TRegister.Xor(s2, TRegister.Load(at + (2 * Panel) + (2 * TRegister.Bytes)));
                s3 = TRegister.Xor(s3, TRegister.Load(at + (2 * Panel) + (3 * TRegister.Bytes)));
                s4 = TRegister.Xor(s4, TRegister.Load(at + (3 * Panel) + (0 * TRegister.Bytes)));
                s5 = TRegister.Xor(s5, TRegister.Load(at + (3 * Panel) + (1 * TRegister.Bytes)));
                s6 = TRegister.Xor(s6, TRegister.Load(at + (3 * Panel) + (2 * TRegister.Bytes)));
                s7 = TRegister.Xor(s7, TRegister.Load(at + (3 * Panel) + (3 * TRegister.Bytes)));
                at += 4 * TRegister.Bytes;
            }

            at += 3 * Panel;
        }

        for (long left = bytes / (Loads * TRegister.Bytes); left > 0; left--)
        {
            s0 = TRegister.Xor(s0, TRegister.Load(at + (0 * TRegister.Bytes)));
            s1 = TRegister.Xor(s1, TRegister.Load(at + (1 * TRegister.Bytes)));
            s2 = TRegister.Xor(s2, TRegister.Load(at + (2 * TRegister.Bytes)));
            s3 = TRegister.Xor(s3, TRegister.Load(at + (3 * TRegister.Bytes)));
            s4 = TRegister.Xor(s4, TRegister.Load(at + (4 * TRegister.Bytes)));
            s5 = TRegister.Xor(s5, TRegister.Load(at + (5 * TRegister.Bytes)));
            s6 = TRegister.Xor(s6, TRegister.Load(at + (6 * TRegister.Bytes)));
            s7 = TRegister.Xor(s7, TRegister.Load(at + (7 * TRegister.Bytes)));
            s0 = TRegister.Xor(s0, TRegister.Load(at + (8 * TRegister.Bytes)));
            s1 = TRegister.Xor(s1, TRegister.Load(at + (9 * TRegister.Bytes)));
            s2 = TRegister.Xor(s2, TRegister.Load(at + (10 * TRegister.Bytes)));
            s3 = TRegister.Xor(s3, TRegister.Load(at + (11 * TRegister.Bytes)));
            s4 = TRegister.Xor(s4, TRegister.Load(at + (12 * TRegister.Bytes)));
            s5 = TRegister.Xor(s5, TRegister.Load(at + (13 * TRegister.Bytes)));
            s6 = TRegister.Xor(s6, TRegister.Load(at + (14 * TRegister.Bytes)));
            s7 = TRegister.Xor(s7, TRegister.Load(at + (15 * TRegister.Bytes)));
            at += Loads * TRegister.Bytes;
        }

        s0 = TRegister.Xor(TRegister.Xor(s0, s1), TRegister.Xor(s2, s3));
        s4 = TRegister.Xor(TRegister.Xor(s4, s5), TRegister.Xor(s6, s7));
        return TRegister.Xor(s0, s4);
    }
}
