using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>Limits that kernels are compared with.</summary>
internal static unsafe class MachineLimit
{
    /// <summary>Multiply-adds with the widest registers; null in a run without vector registers.</summary>
    public static Limit? MultiplyAdd<T>()
        where T : unmanaged =>
        Vector512.IsHardwareAccelerated ? MultiplyAdd<T, Register512<T>>()
        : Vector256.IsHardwareAccelerated ? MultiplyAdd<T, Register256<T>>()
        : Vector128.IsHardwareAccelerated ? MultiplyAdd<T, Register128<T>>()
        : null;

    /// <summary>
    /// Reading from the level of memory that <paramref name="bytes"/> fit into: half of L2 again and again if they fit into L2, else
    /// exactly as many bytes, forward or forward and backward in turn. The memory is on huge pages if the system has any.
    /// </summary>
    public static Limit Read(double bytes, bool backAndForth)
    {
        CacheSizes caches = CacheSizes.OfThisMachine;
        return bytes <= caches.Level1 * 3 / 4 ? Read("L1", caches.Level1 * 3 / 4, backAndForth: false)
            : bytes <= caches.Level2 ? Read("L2", caches.Level2 / 2, backAndForth: false)
            : backAndForth ? Read("back and forth", (long)bytes, backAndForth)
            : ReadForward(bytes);
    }

    /// <summary>Reading exactly as many bytes, always forward.</summary>
    public static Limit ReadForward(double bytes) => Read("beyond L2", (long)bytes, backAndForth: false);

    private static Limit Read(string name, long bytes, bool backAndForth)
    {
        bytes -= bytes % MemoryRead.Block;
        var memory = new PagedMemory(bytes, hugePages: true);
        bool back = false;
        return new Limit(
            name,
            () =>
            {
                if (back)
                {
                    MemoryRead.RunBackward(memory.Pointer, bytes);
                }
                else
                {
                    MemoryRead.Run(memory.Pointer, bytes);
                }

                back = backAndForth && !back;
            },
            bytes,
            OfBytes: true,
            memory);
    }

    private static Limit MultiplyAdd<T, TRegister>()
        where T : unmanaged
        where TRegister : struct, IRegister<TRegister> =>
        new("multiply-add", () => MultiplyAddPeak.Run<TRegister>(), MultiplyAddPeak.Operations<T, TRegister>(), OfBytes: false);
}
