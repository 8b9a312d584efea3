using System.Diagnostics;

namespace SpanRnn.Cli.Bench;

/// <summary>The durations of many steps.</summary>
internal sealed class Latencies
{
    private readonly long[] _ticks;

    /// <summary>Takes over an array of ticks of <see cref="Stopwatch"/>, at least one, and sorts it.</summary>
    public Latencies(long[] ticks)
    {
        _ticks = ticks;
        Array.Sort(ticks);
    }

    public int Count => _ticks.Length;

    public double Max => Nanoseconds(_ticks[^1]);

    public double Mean => Nanoseconds(_ticks.Sum()) / Count;

    public double Median => Nanoseconds(_ticks[(Count - 1) / 2]);

    /// <summary>Ticks of the clock in nanoseconds.</summary>
    public static double Nanoseconds(double ticks) => ticks * (1e9 / Stopwatch.Frequency);

    /// <summary>The fewest steps of which one lies above a percentile.</summary>
    public static decimal Needed(decimal percentile) => Math.Ceiling(100 / (100 - percentile));

    /// <summary>
    /// The smallest of the durations that at least so many per cent of them do not exceed: one of them, not a number between two. Null
    /// where there are too few for one to lie above it.
    /// </summary>
    public double? Percentile(decimal percentile)
    {
        int rank = (int)Math.Ceiling(percentile * Count / 100);
        return rank < Count ? Nanoseconds(_ticks[rank - 1]) : null;
    }

    /// <summary>How many durations lie in each of some ranges of equal ratio, from the shortest to the longest.</summary>
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
