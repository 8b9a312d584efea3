namespace SpanRnn.Perf;

/// <summary>
/// Medians over the quiet and over the shared batches, missing if there are fewer than <see cref="Fewest"/>, and the numbers of such
/// batches.
/// </summary>
internal sealed record StateMedians(double? Quiet, double? Shared, int QuietBatches, int SharedBatches)
{
    /// <summary>Fewest batches that a median needs.</summary>
    public const int Fewest = 3;

    /// <summary>Medians of numbers.</summary>
    /// <param name="batches">The numbers and the issue rates around each.</param>
    /// <param name="bestRate">The best issue rate of the run.</param>
    public static StateMedians Of(IEnumerable<Batch> batches, double bestRate)
    {
        Batch[] all = [.. batches];
        double[] quiet = [.. all.Where(batch => batch.IsQuiet(bestRate)).Select(batch => batch.Value)];
        double[] shared = [.. all.Where(batch => batch.IsShared(bestRate)).Select(batch => batch.Value)];
        return new StateMedians(
            quiet.Length < Fewest ? null : Median(quiet), shared.Length < Fewest ? null : Median(shared), quiet.Length, shared.Length);
    }

    /// <summary>Medians over the processes that have any, and the batches of all processes.</summary>
    public static StateMedians OfProcesses(IReadOnlyCollection<StateMedians> processes)
    {
        double[] quiet = [.. processes.Select(one => one.Quiet).OfType<double>()];
        double[] shared = [.. processes.Select(one => one.Shared).OfType<double>()];
        return new StateMedians(
            quiet.Length == 0 ? null : Median(quiet),
            shared.Length == 0 ? null : Median(shared),
            processes.Sum(one => one.QuietBatches),
            processes.Sum(one => one.SharedBatches));
    }

    /// <summary>The middle number; of an even count the higher one of the middle two.</summary>
    public static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Medians of a function of the numbers that keeps or reverses their order.</summary>
    public StateMedians Select(Func<double, double> function) => this with
    {
        Quiet = Quiet is { } quiet ? function(quiet) : null,
        Shared = Shared is { } shared ? function(shared) : null,
    };
}
