namespace SpanRnn.Perf;

/// <summary>Figures of a cell, without its memory.</summary>
/// <param name="Of">The case.</param>
/// <param name="Limits">The limit of each precision.</param>
/// <param name="Operations">Operations of one sample of multiply-adds, 0 without vector registers.</param>
/// <param name="Errors">The largest error of each precision.</param>
/// <param name="Processes">
/// Timings of each process: every precision, the reading of every limit, multiply-adds, the product of a step, and ONNX Runtime and
/// its C# API if it is installed.
/// </param>
internal sealed record CellResult(CellCase Of, CellLimit[] Limits, double Operations, double[] Errors, CellTimes[] Processes)
{
    /// <summary>A figure for each precision, once the best issue rate of the whole run is known.</summary>
    public IEnumerable<CellFigure> Figures(double bestRate) =>
        Of.Precisions.Select((_, i) => CellFigure.OfProcesses([.. Processes.Select(times => Figure(times, i, bestRate))]));

    private CellFigure Figure(CellTimes times, int i, double bestRate)
    {
        int own = Of.Precisions.Length;
        Timing time = times.Timings[i];
        Timing multiplyAdd = times.Timings[2 * own];
        (string limit, Timing limitTime) = Limits[i].Of(times.Timings[own + i], multiplyAdd, Operations);
        return new CellFigure(
            Of.Title,
            CellCase.CellText(Of.Cell),
            Of.Size,
            CellCase.PrecisionText(Of.Precisions[i]),
            time.Median,
            time.Minimum,
            time.ByState(bestRate),
            limit,
            BesideFigure.Of(limitTime, time, bestRate),
            Of.Call == CellCall.Step ? BesideFigure.Of(times.Timings[(2 * own) + 1], time, bestRate) : null,
            times.OnnxForm,
            times.OnnxForm is null ? null : BesideFigure.Of(times.Timings[^2], time, bestRate),
            times.OnnxManagedForm is { } form
                ? new ManagedFigure(form, BesideFigure.Of(times.Timings[^1], time, bestRate), times.Timings[^1].Allocated)
                : null,
            time.Allocated,
            Errors[i]);
    }
}
