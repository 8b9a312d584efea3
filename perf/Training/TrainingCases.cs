namespace SpanRnn.Perf;

/// <summary>Every cell and size whose training is compared, and the bars that the project sets.</summary>
internal static class TrainingCases
{
    private const int Steps = 100;
    private const int Batch = 32;

    private static readonly int[] _sizes = [128, 256];
    private static readonly CellKind[] _cells = [CellKind.Lstm, CellKind.GruResetAfter, CellKind.Elman];

    /// <summary>All cases.</summary>
    public static IEnumerable<TrainingCase> All() =>
    [
        .. from cell in _cells
           from size in _sizes
           select new TrainingCase(cell, size, Steps, Batch),
    ];

    /// <summary>Bar of all cases: one thread's time over that of two, at least.</summary>
    public const double TwoThreadsBar = 1.7;

    /// <summary>
    /// Bars of a cell of this size: the time over that at peak, at most, and PyTorch's time over ours, at least.
    /// </summary>
    public static (double Peak, double PyTorch) Bars(TrainingCase of) => (of.Cell, of.Size < 256) switch
    {
        (CellKind.Lstm, true) => (1.45, 2.2),
        (CellKind.Lstm, false) => (1.35, 1.9),
        (CellKind.Elman, true) => (1.5, 2.3),
        (CellKind.Elman, false) => (1.4, 1.9),
        (_, true) => (1.5, 2.3),
        (_, false) => (1.4, 2.0),
    };
}
