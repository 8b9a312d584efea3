namespace SpanRnn.Perf;

/// <summary>Issue rates around all batches of a run, by which each batch is quiet or shared. Safe for several threads at once.</summary>
internal sealed class IssueRates
{
    private readonly Lock _lock = new();
    private readonly List<Batch> _batches = [];

    /// <summary>Rates of this process, and of the processes that measured for it.</summary>
    public static IssueRates OfThisRun { get; } = new();

    /// <summary>Best rate so far, in instructions per nanosecond; 0 at first.</summary>
    public double Best { get; private set; }

    /// <summary>Adds the rates around some batches.</summary>
    public void Add(ReadOnlySpan<Batch> batches)
    {
        lock (_lock)
        {
            foreach (Batch batch in batches)
            {
                _batches.Add(batch);
                Best = Math.Max(Best, batch.MostRate);
            }
        }
    }

    /// <summary>Sums the rates up for a report.</summary>
    public IssueRateFigure Figure()
    {
        lock (_lock)
        {
            var quiet = StateMedians.Of(_batches.Select(batch => batch with { Value = batch.LeastRate }), Best);
            var shared = StateMedians.Of(_batches.Select(batch => batch with { Value = batch.MostRate }), Best);
            return new IssueRateFigure(Best, quiet.Quiet, shared.Shared, _batches.Count, quiet.QuietBatches, shared.SharedBatches);
        }
    }
}
