namespace SpanRnn.Perf;

/// <summary>
/// A number measured between two runs of <see cref="IssueLoop"/>, with the lower and the higher of their rates. The number is the
/// nanoseconds of one call, or is computed from them.
/// </summary>
internal readonly record struct Batch(double Value, double LeastRate, double MostRate)
{
    /// <summary>
    /// Fraction of the best issue rate of a run above which a core counts as quiet. Quiet cores were seen at 0.9 or more, since the clock
    /// moves a little. A core whose other hyperthread works for somebody else issues half as many; such cores were seen at 0.5 to 0.78.
    /// </summary>
    public const double QuietFrom = 0.8;

    /// <summary>A number computed from this batch and another one, with the rates around both.</summary>
    public Batch With(Batch other, double value) =>
        new(value, Math.Min(LeastRate, other.LeastRate), Math.Max(MostRate, other.MostRate));

    /// <summary>True if the core was quiet before and after.</summary>
    public bool IsQuiet(double bestRate) => LeastRate >= QuietFrom * bestRate;

    /// <summary>True if somebody else used the core before and after. If the core changed meanwhile, a batch is neither.</summary>
    public bool IsShared(double bestRate) => MostRate < QuietFrom * bestRate;
}
