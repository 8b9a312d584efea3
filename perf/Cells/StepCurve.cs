using SpanRnn.Cells;

namespace SpanRnn.Perf;

/// <summary>What a step costs for each byte of its weights, from the smallest network to the largest.</summary>
internal static class StepCurve
{
    /// <summary>By which a filter finds it.</summary>
    public const string Name = "curve LSTM";

    private static readonly int[] _sizes = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

    /// <summary>Times all sizes in turn.</summary>
    public static CurveFigure[] Measure(bool quick)
    {
        CellCase[] cases = [.. _sizes.Select(size => new CellCase(CellCall.Step, CellKind.Lstm, size, size, 1, 1, WeightPrecision.Fp32))];
        Action[] actions = [.. cases.Select(of => new CellProblem(of).Own(WeightPrecision.Fp32).Run)];
        Timing[] timings = quick ? Timing.Measure(actions, batchMilliseconds: 1, batches: 5) : Timing.Measure(actions);
        return
        [
            .. timings.Select((time, i) =>
            {
                long bytes = cases[i].Weights * sizeof(float);
                return new CurveFigure(cases[i].HiddenSize, time.Median, time.Minimum, bytes, time.Minimum * 1024 / bytes);
            }),
        ];
    }
}
