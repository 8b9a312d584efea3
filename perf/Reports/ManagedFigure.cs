namespace SpanRnn.Perf;

/// <summary>A managed peer beside a call: its way of calling, its time, and the managed bytes that a call of it allocates.</summary>
internal sealed record ManagedFigure(string Form, BesideFigure Time, double Allocated)
{
    /// <summary>The medians over processes, with the most frequent way of calling and the most bytes allocated.</summary>
    public static ManagedFigure OfProcesses(IReadOnlyCollection<ManagedFigure> processes)
    {
        string form = CellFigure.Most(processes.Select(one => one.Form));
        return new ManagedFigure(
            form,
            BesideFigure.OfProcesses([.. processes.Select(one => one.Time)]),
            processes.Where(one => one.Form == form).Max(one => one.Allocated));
    }
}
