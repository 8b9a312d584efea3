namespace SpanRnn.Perf;

/// <summary>
/// What was timed in turn with a call: nanoseconds, and how many times as long as the call, in the median of the turns, best over best, and
/// in the medians of the turns in which both were quiet and both shared.
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

    /// <summary>The medians over processes; the least of all of them.</summary>
    public static BesideFigure OfProcesses(IReadOnlyCollection<BesideFigure> processes) => new(
        StateMedians.Median(processes.Select(one => one.Nanoseconds)),
        processes.Min(one => one.LeastNanoseconds),
        StateMedians.Median(processes.Select(one => one.Ratio)),
        StateMedians.Median(processes.Select(one => one.BestRatio)),
        StateMedians.OfProcesses([.. processes.Select(one => one.ByState)]));
}
