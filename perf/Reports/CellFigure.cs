namespace SpanRnn.Perf;

/// <summary>
/// One call of one cell at one size and precision: nanoseconds; beside it the limit of the machine, the matrix-vector product of a step
/// alone, ONNX Runtime with the way of calling it, and its C# API; managed bytes per call; the largest difference from the network in
/// double.
/// </summary>
internal sealed record CellFigure(
    string Call,
    string Cell,
    string Size,
    string Precision,
    double Nanoseconds,
    double LeastNanoseconds,
    StateMedians ByState,
    string LimitName,
    BesideFigure Limit,
    BesideFigure? Product,
    string? OnnxForm,
    BesideFigure? Onnx,
    ManagedFigure? OnnxManaged,
    double Allocated,
    double Error)
{
    /// <summary>
    /// Medians over processes that measured the same, with the least time and the most bytes. Of limits and ways of calling, the most
    /// frequent one counts.
    /// </summary>
    public static CellFigure OfProcesses(IReadOnlyList<CellFigure> processes) => processes[0] with
    {
        Nanoseconds = StateMedians.Median(processes.Select(one => one.Nanoseconds)),
        LeastNanoseconds = processes.Min(one => one.LeastNanoseconds),
        ByState = StateMedians.OfProcesses([.. processes.Select(one => one.ByState)]),
        LimitName = Most(processes.Select(one => one.LimitName)),
        Limit = BesideFigure.OfProcesses([.. processes.Select(one => one.Limit)]),
        Product = processes[0].Product is null ? null : BesideFigure.OfProcesses([.. processes.Select(one => one.Product!)]),
        OnnxForm = Most(processes.Select(one => one.OnnxForm)),
        Onnx = processes[0].Onnx is null ? null : BesideFigure.OfProcesses([.. processes.Select(one => one.Onnx!)]),
        OnnxManaged = processes[0].OnnxManaged is null
            ? null
            : ManagedFigure.OfProcesses([.. processes.Select(one => one.OnnxManaged!)]),
        Allocated = processes.Max(one => one.Allocated),
    };

    /// <summary>The most frequent value; the first of several.</summary>
    internal static T Most<T>(IEnumerable<T> values) => values.GroupBy(value => value).MaxBy(group => group.Count())!.Key;
}
