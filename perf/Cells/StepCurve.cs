namespace SpanRnn.Perf;

/// <summary>Time of a step per byte of its weights, from the smallest network to the largest.</summary>
internal static class StepCurve
{
    /// <summary>Name that a filter searches.</summary>
    public const string Name = "curve LSTM";

    private static readonly int[] _sizes = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

    private static IEnumerable<CellCase> Cases =>
        _sizes.Select(size => new CellCase(CellCall.Step, CellKind.Lstm, size, size, 1, 1, WeightPrecision.Fp32));

    /// <summary>Times all sizes in turn, in this process.</summary>
    public static CellTimes Time(bool quick)
    {
        Action[] actions = [.. Cases.Select(of => new CellProblem(of).Own(WeightPrecision.Fp32).Run)];
        return new CellTimes(
            quick ? Timing.Measure(actions, batchMilliseconds: 1, batches: 5) : Timing.Measure(actions),
            OnnxForm: null,
            OnnxManagedForm: null);
    }

    /// <summary>Figures of the measuring processes.</summary>
    public static CurveFigure[] Figures(IReadOnlyCollection<CellTimes> processes, double bestRate) =>
    [
        .. Cases.Select((of, i) =>
        {
            Timing[] times = [.. processes.Select(process => process.Timings[i])];
            long bytes = of.Weights * sizeof(float);
            double least = times.Min(time => time.Minimum);
            return new CurveFigure(
                of.HiddenSize,
                StateMedians.Median(times.Select(time => time.Median)),
                least,
                StateMedians.OfProcesses([.. times.Select(time => time.ByState(bestRate))]),
                bytes,
                least * 1024 / bytes);
        }),
    ];
}
