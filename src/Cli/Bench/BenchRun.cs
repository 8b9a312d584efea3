using System.Diagnostics;
using System.Runtime.CompilerServices;
using SpanRnn.Cli.Models;

namespace SpanRnn.Cli.Bench;

/// <summary>One measurement of the steps of a stream.</summary>
internal sealed partial class BenchRun
{
    /// <summary>The most steps that are measured; each time takes 8 bytes.</summary>
    public const int MaxSteps = 100_000_000;

    private const int MaxChosenSteps = 10_000_000;
    private const double WantedNanoseconds = 2e9;
    private const double CalibrationNanoseconds = 20e6;

    private const int Bins = 20;
    private const int ClockReadings = 10_001;

    // So few inputs that any cache has room for them beside the weights.
    private const int InputNumbers = 4096;
    private const int MaxInputSteps = 256;
    private const int MinInputSteps = 4;

    private const float Denormal = 1e-40f;

    // A signal is timed in bursts, so that reading the clock costs nearly nothing.
    private const int BurstSteps = 32;
    private const int MinBursts = 15;
    private const int SignalShare = 8;
    private const int MaxSettlingSteps = 10_000;

    private readonly PackedNetwork _network;
    private readonly float[] _y;
    private readonly float[] _ordinary;
    private readonly float[] _silence;
    private readonly float[] _denormal;

    private BenchRun(PackedNetwork network)
    {
        _network = network;
        int inputSize = network.Spec.InputSize;
        int steps = Math.Clamp(InputNumbers / inputSize, MinInputSteps, MaxInputSteps);
        _y = new float[network.Spec.OutputSize];
        _ordinary = new float[steps * inputSize];
        _silence = new float[steps * inputSize];
        _denormal = new float[steps * inputSize];
        new RandomSource(1).Fill(_ordinary.AsSpan(), -1, 1);
        _denormal.AsSpan().Fill(Denormal);
    }

    /// <summary>Warms a network up and measures it.</summary>
    /// <param name="name">The name in the report.</param>
    /// <param name="network">A network that can be stepped.</param>
    /// <param name="settings">The steps and the budget.</param>
    public static BenchReport Run(string name, PackedNetwork network, BenchSettings settings)
    {
        var bench = new BenchRun(network);
        StreamState state = network.CreateStream();
        long[] first = [-1];
        double clock = ClockCost();

        // The loop is compiled before, over no steps: WarmUp is the last call before the first step, as it should be in a host.
        bench.Stream(state, []);
        network.WarmUp();
        bench.Stream(state, first);

        int steps = settings.Steps ?? Choose(bench.Calibrate(state), settings.Percentile);
        long[] ticks = new long[steps];

        // Every page is written to now, or the system would provide it between two readings of the clock.
        ticks.AsSpan().Fill(-1);
        bench.Time(bench._ordinary, state, Math.Min(steps, MaxInputSteps));
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bench.Stream(state, ticks);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        collections = GC.CollectionCount(0) - collections;

        var latencies = new Latencies(ticks);
        (BenchSignals signals, double stepsPerSecond) = bench.Compare(state, steps);
        SortedSet<decimal> percentiles = [50, 99, 99.9m, 99.99m, settings.Percentile];
        double? latency = latencies.Percentile(settings.Percentile);
        return new BenchReport
        {
            Model = name,
            Precision = ModelOptions.Name(network.Precision),
            WeightBytes = network.WeightBytes,
            RegisterWidth = network.RegisterWidth,
            Warning = network.Warning,
            Steps = steps,
            ClockNanoseconds = clock,
            FirstNanoseconds = Latencies.Nanoseconds(first[0]),
            MeanNanoseconds = latencies.Mean,
            MaxNanoseconds = latencies.Max,
            Percentiles = percentiles.ToDictionary(BenchReport.Name, latencies.Percentile),
            Histogram = latencies.Histogram(Bins),
            StepsPerSecond = stepsPerSecond,
            AllocatedBytes = allocated,
            Collections = collections,
            Signals = signals,
            Rate = settings.Rate is { } rate
                ? new BenchRate(rate, 1e9 / rate, latencies.Mean * rate / 1e9, latency * rate / 1e9)
                : null,
            BudgetPercentile = settings.Percentile,
            BudgetNanoseconds = settings.Budget,
            MaxBytes = settings.MaxBytes,
        };
    }

    /// <summary>Chooses as many steps as take about two seconds, or more if the percentile needs more.</summary>
    public static int Choose(double nanosecondsPerStep, decimal percentile) => Math.Max(
        (int)Latencies.Needed(percentile), (int)Math.Clamp(WantedNanoseconds / nanosecondsPerStep, 1, MaxChosenSteps));

    private static double ClockCost()
    {
        long[] ticks = new long[ClockReadings];
        ReadClock(ticks);
        ReadClock(ticks);
        return new Latencies(ticks).Median;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadClock(Span<long> ticks)
    {
        foreach (ref long tick in ticks)
        {
            long start = Stopwatch.GetTimestamp();
            tick = Stopwatch.GetTimestamp() - start;
        }
    }

    private double Calibrate(StreamState state)
    {
        for (int steps = 1; ; steps *= 2)
        {
            double nanoseconds = Time(_ordinary, state, steps);
            if (nanoseconds >= CalibrationNanoseconds || steps == 1 << 30)
            {
                return nanoseconds / steps;
            }
        }
    }

    private (BenchSignals Signals, double StepsPerSecond) Compare(StreamState start, int steps)
    {
        StreamState ordinary = Copy(start), silent = Copy(start), denormal = Copy(start);
        Time(_silence, silent, Math.Clamp(steps / SignalShare, BurstSteps, MaxSettlingSteps));
        denormal.Reset();

        int bursts = Math.Max(MinBursts, steps / SignalShare / BurstSteps);
        double[] ordinaryTimes = new double[bursts], silentTimes = new double[bursts], denormalTimes = new double[bursts];
        for (int i = 0; i < bursts; i++)
        {
            ordinaryTimes[i] = Time(_ordinary, ordinary, BurstSteps) / BurstSteps;
            silentTimes[i] = Time(_silence, silent, BurstSteps) / BurstSteps;
            denormalTimes[i] = Time(_denormal, denormal, BurstSteps) / BurstSteps;
        }

        double perSecond = 1e9 / ordinaryTimes.Average();
        return (new BenchSignals(Median(ordinaryTimes), Median(silentTimes), Median(denormalTimes)), perSecond);
    }

    /// <summary>Finds the median of some values, and sorts them.</summary>
    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[(values.Length - 1) / 2];
    }

    private StreamState Copy(StreamState state)
    {
        StreamState copy = _network.CreateStream();
        copy.CopyFrom(state);
        return copy;
    }

    // Both loops are optimized from their first call on, so that only the step is measured.

    /// <summary>Measures the time of each step, in ticks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Stream(StreamState state, Span<long> ticks)
    {
        ReadOnlySpan<float> x = _ordinary;
        int inputSize = _network.Spec.InputSize;
        int place = 0;
        foreach (ref long tick in ticks)
        {
            long start = Stopwatch.GetTimestamp();
            state.Step(x.Slice(place, inputSize), _y);
            tick = Stopwatch.GetTimestamp() - start;
            place = place + inputSize == x.Length ? 0 : place + inputSize;
        }
    }

    /// <summary>Measures the time of some steps together, in nanoseconds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Time(ReadOnlySpan<float> x, StreamState state, int steps)
    {
        int inputSize = _network.Spec.InputSize;
        int place = 0;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < steps; i++)
        {
            state.Step(x.Slice(place, inputSize), _y);
            place = place + inputSize == x.Length ? 0 : place + inputSize;
        }

        return Latencies.Nanoseconds(Stopwatch.GetTimestamp() - start);
    }
}
