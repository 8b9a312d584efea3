using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Core.Memory;

/// <summary>
/// Asks for a line of memory ahead of its use. An address may lie outside what is allocated: nothing is read. Does nothing where .NET has
/// no such instruction.
/// </summary>
internal static unsafe class Prefetch
{
    /// <summary>Into the first cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void First<T>(ref T line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref line));
        }
    }

    /// <summary>Into the second cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Second<T>(ref T line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(Unsafe.AsPointer(ref line));
        }
    }
}
