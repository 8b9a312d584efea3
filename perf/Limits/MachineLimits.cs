namespace SpanRnn.Perf;

/// <summary>What one core can do at most: arithmetic, and reading from each level of its memory.</summary>
internal sealed record MachineLimits(double Gigahertz, PeakFigure[] Peaks, ReadFigure[] Reads)
{
    /// <summary>Measures all of them; takes a few seconds.</summary>
    public static MachineLimits Measure()
    {
        double gigahertz = ClockChain.Cycles / Timing.Measure(() => ClockChain.Run()).Minimum;
        PeakFigure[] peaks =
        [
            .. Peak<float, Register512<float>>("float"),
            .. Peak<double, Register512<double>>("double"),
            .. Peak<float, Register256<float>>("float"),
            .. Peak<double, Register256<double>>("double"),
            .. Peak<float, Register128<float>>("float"),
            .. Peak<double, Register128<double>>("double"),
        ];

        CacheSizes caches = CacheSizes.OfThisMachine;
        ReadFigure[] reads =
        [
            Read("L1", caches.Level1 * 3 / 4),
            Read("L2", caches.Level2 / 2),
            Read("L2, full", caches.Level2),
            Read("beyond L2", caches.Level2 * 4),
            Read("L3, half", caches.Level3 / 2),
            Read("memory", Math.Max(128 << 20, caches.Level3 * 4)),
        ];
        return new MachineLimits(gigahertz, peaks, reads);
    }

    private static PeakFigure[] Peak<T, TRegister>(string precision)
        where T : unmanaged
        where TRegister : struct, IRegister<TRegister>
    {
        if (!TRegister.IsSupported)
        {
            return [];
        }

        var timing = Timing.Measure(() => MultiplyAddPeak.Run<TRegister>());
        double operations = MultiplyAddPeak.Operations<T, TRegister>();
        return [new PeakFigure(8 * TRegister.Bytes, precision, operations / timing.Median, operations / timing.Minimum)];
    }

    private static unsafe ReadFigure Read(string level, long bytes)
    {
        bytes -= bytes % MemoryRead.Block;
        using var small = new PagedMemory(bytes, hugePages: false);
        using var huge = new PagedMemory(bytes, hugePages: true);

        // A batch of one kind after a batch of the other would find the caches full of the other's bytes.
        var onSmall = Timing.Measure(() => MemoryRead.Run(small.Pointer, bytes), batchMilliseconds: 10);
        double median = bytes / onSmall.Median;
        double best = bytes / onSmall.Minimum;
        if (huge.HugeBytes < bytes)
        {
            return new ReadFigure(level, bytes, median, best, null, null);
        }

        var onHuge = Timing.Measure(() => MemoryRead.Run(huge.Pointer, bytes), batchMilliseconds: 10);
        return new ReadFigure(level, bytes, median, best, bytes / onHuge.Median, bytes / onHuge.Minimum);
    }
}
