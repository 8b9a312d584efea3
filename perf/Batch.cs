namespace SpanRnn.Perf;

/// <summary>
/// A number that was measured between two runs of <see cref="IssueLoop"/>, with the lower and the higher of their rates: nanoseconds for
/// each call, or what is computed from them.
/// </summary>
internal readonly record struct Batch(double Value, double LeastRate, double MostRate)
{
    /// <summary>
    /// The part of the best issue rate of a run from which on a core is quiet. A quiet core was seen at 0.9 or more, since its clock moves
    /// a little; a core whose other hyperthread works for somebody else issues half as many, and was seen at 0.5 to 0.78.
    /// </summary>
    public const double QuietFrom = 0.8;

    /// <summary>A number computed from this batch and another one: the rates are those around both.</summary>
    public Batch With(Batch other, double value) =>
        new(value, Math.Min(LeastRate, other.LeastRate), Math.Max(MostRate, other.MostRate));

    /// <summary>True if the core was quiet before and after.</summary>
    public bool IsQuiet(double bestRate) => LeastRate >= QuietFrom * bestRate;

    /// <summary>True if somebody else used the core before and after. A batch may be neither: the core changed meanwhile.</summary>
    public bool IsShared(double bestRate) => MostRate < QuietFrom * bestRate;
}
