namespace SpanRnn.Perf;

/// <summary>A managed peer beside a call: how it was called, its time, and the managed bytes that a call of it allocates.</summary>
internal sealed record ManagedFigure(string Form, BesideFigure Time, double Allocated)
{
    /// <summary>The medians over processes; the form that most of them have, and the most bytes that it allocates.</summary>
    public static ManagedFigure OfProcesses(IReadOnlyCollection<ManagedFigure> processes)
    {
        string form = CellFigure.Most(processes.Select(one => one.Form));
        return new ManagedFigure(
            form,
            BesideFigure.OfProcesses([.. processes.Select(one => one.Time)]),
            processes.Where(one => one.Form == form).Max(one => one.Allocated));
    }
}
