namespace SpanRnn.Perf;

/// <summary>Peak rates of one core: arithmetic, and reading from each level of its memory.</summary>
internal sealed record MachineLimits(double Gigahertz, PeakFigure[] Peaks, ReadFigure[] Reads)
{
    /// <summary>Measures all rates; takes a few seconds.</summary>
    /// <returns>Makes the figures once the best issue rate of the whole run is known.</returns>
    public static Func<double, MachineLimits> Measure()
    {
        double gigahertz = ClockChain.Cycles / Timing.Measure(() => ClockChain.Run()).Minimum;
        Func<double, PeakFigure>[] peaks =
        [
            .. Peak<float, Register512<float>>("float"),
            .. Peak<double, Register512<double>>("double"),
            .. Peak<float, Register256<float>>("float"),
            .. Peak<double, Register256<double>>("double"),
            .. Peak<float, Register128<float>>("float"),
            .. Peak<double, Register128<double>>("double"),
        ];

        CacheSizes caches = CacheSizes.OfThisMachine;
        Func<double, ReadFigure>[] reads =
        [
            Read("L1", caches.Level1 * 3 / 4),
            Read("L2", caches.Level2 / 2),
            Read("L2, full", caches.Level2),
            Read("beyond L2", caches.Level2 * 4),
            Read("L3, half", caches.Level3 / 2),
            Read("memory", Math.Max(128 << 20, caches.Level3 * 4)),
        ];
        return bestRate => new MachineLimits(
            gigahertz, [.. peaks.Select(figure => figure(bestRate))], [.. reads.Select(figure => figure(bestRate))]);
    }

    private static Func<double, PeakFigure>[] Peak<T, TRegister>(string precision)
        where T : unmanaged
        where TRegister : struct, IRegister<TRegister>
    {
        if (!TRegister.IsSupported)
        {
            return [];
        }

        var timing = Timing.Measure(() => MultiplyAddPeak.Run<TRegister>());
        double operations = MultiplyAddPeak.Operations<T, TRegister>();
        return
        [
            bestRate => new PeakFigure(
                8 * TRegister.Bytes,
                precision,
                operations / timing.Median,
                operations / timing.Minimum,
                Rates(operations, timing, bestRate)),
        ];
    }

    private static unsafe Func<double, ReadFigure> Read(string level, long bytes)
    {
        bytes -= bytes % MemoryRead.Block;
        using var small = new PagedMemory(bytes, hugePages: false);
        using var huge = new PagedMemory(bytes, hugePages: true);

        // If batches of both kinds alternated, each would find the caches full of the other's bytes.
        var onSmall = Timing.Measure(() => MemoryRead.Run(small.Pointer, bytes), batchMilliseconds: 10);
        Timing? onHuge = huge.HugeBytes < bytes
            ? null
            : Timing.Measure(() => MemoryRead.Run(huge.Pointer, bytes), batchMilliseconds: 10);
        return bestRate => new ReadFigure(
            level,
            bytes,
            bytes / onSmall.Median,
            bytes / onSmall.Minimum,
            Rates(bytes, onSmall, bestRate),
            bytes / onHuge?.Median,
            bytes / onHuge?.Minimum,
            onHuge is null ? null : Rates(bytes, onHuge, bestRate));
    }

    private static StateMedians Rates(double amount, Timing timing, double bestRate) =>
        timing.ByState(bestRate).Select(nanoseconds => amount / nanoseconds);
}
