using System.Diagnostics;

namespace SpanRnn.Cli.Bench;

/// <summary>Durations of many steps, sorted.</summary>
internal sealed class Latencies
{
    private readonly long[] _ticks;

    /// <summary>Takes over an array of at least one duration, in ticks of <see cref="Stopwatch"/>, and sorts it.</summary>
    public Latencies(long[] ticks)
    {
        _ticks = ticks;
        Array.Sort(ticks);
    }

    public int Count => _ticks.Length;

    public double Max => Nanoseconds(_ticks[^1]);

    public double Mean => Nanoseconds(_ticks.Sum()) / Count;

    public double Median => Nanoseconds(_ticks[(Count - 1) / 2]);

    /// <summary>Converts ticks of the clock to nanoseconds.</summary>
    public static double Nanoseconds(double ticks) => ticks * (1e9 / Stopwatch.Frequency);

    /// <summary>Counts the fewest steps of which one lies above a percentile.</summary>
    public static decimal Needed(decimal percentile) => Math.Ceiling(100 / (100 - percentile));

    /// <summary>
    /// Finds the smallest duration that at least <paramref name="percentile"/> per cent of all do not exceed: a measured one, not a
    /// number between two. Null if there are too few for one to lie above it.
    /// </summary>
    public double? Percentile(decimal percentile)
    {
        int rank = (int)Math.Ceiling(percentile * Count / 100);
        return rank < Count ? Nanoseconds(_ticks[rank - 1]) : null;
    }

    /// <summary>Counts durations in ranges of equal ratio, from the shortest to the longest.</summary>
    public LatencyBin[] Histogram(int count)
    {
        // A clock may tick so seldom that a step takes no time.
        double low = Math.Max(1, _ticks[0]);
        double high = Math.Max(low, _ticks[^1]);
        double Edge(int bin) => low * Math.Pow(high / low, (double)bin / count);
        var bins = new LatencyBin[high > low ? count : 1];
        int next = 0;
        for (int bin = 0; bin < bins.Length; bin++)
        {
            int first = next;
            bool last = bin == bins.Length - 1;
            while (next < Count && (last || _ticks[next] < Edge(bin + 1)))
            {
                next++;
            }

            bins[bin] = new LatencyBin(Nanoseconds(Edge(bin)), Nanoseconds(last ? high : Edge(bin + 1)), next - first);
        }

        return bins;
    }
}
