namespace SpanRnn.Cli.Bench;

/// <summary>Cost of as many steps per second as a host needs.</summary>
/// <param name="StepsPerSecond">The rate.</param>
/// <param name="PeriodNanoseconds">The time from one step to the next.</param>
/// <param name="Load">The share of one core that the mean step uses.</param>
/// <param name="LatencyShare">The share of the period that the percentile of the budget takes, or null.</param>
internal sealed record BenchRate(double StepsPerSecond, double PeriodNanoseconds, double Load, double? LatencyShare)
{
    /// <summary>The period in mean steps: how many times faster than needed the network runs.</summary>
    public double RealTimeFactor => 1 / Load;
}
