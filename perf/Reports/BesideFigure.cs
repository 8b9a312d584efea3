namespace SpanRnn.Perf;

/// <summary>
/// A contender timed in turn with a call: its nanoseconds, and the ratio of its time to that of the call, as the median of the turns, best
/// over best, and as the medians of the turns in which both were quiet and both shared.
/// </summary>
internal sealed record BesideFigure(double Nanoseconds, double LeastNanoseconds, double Ratio, double BestRatio, StateMedians ByState)
{
    /// <summary>Compares two timings of the same turns.</summary>
    public static BesideFigure Of(Timing other, Timing time, double bestRate) => new(
        other.Median,
        other.Minimum,
        Timing.Ratio(other, time),
        other.Minimum / time.Minimum,
        StateMedians.Of(Timing.Ratios(other, time), bestRate));

    /// <summary>The medians over processes, and the least time of all of them.</summary>
    public static BesideFigure OfProcesses(IReadOnlyCollection<BesideFigure> processes) => new(
        StateMedians.Median(processes.Select(one => one.Nanoseconds)),
        processes.Min(one => one.LeastNanoseconds),
        StateMedians.Median(processes.Select(one => one.Ratio)),
        StateMedians.Median(processes.Select(one => one.BestRatio)),
        StateMedians.OfProcesses([.. processes.Select(one => one.ByState)]));
}
