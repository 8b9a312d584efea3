using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Core.Memory;

/// <summary>
/// Fetches a line of memory into a cache ahead of its use. The address may lie outside allocated memory, since nothing is read. Does
/// nothing where .NET has no such instruction.
/// </summary>
internal static unsafe class Prefetch
{
    /// <summary>Fetches into the first cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void First<T>(ref T line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref line));
        }
    }

    /// <summary>Fetches into the second cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Second<T>(ref T line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(Unsafe.AsPointer(ref line));
        }
    }
}
