namespace SpanRnn.Cli.Bench;

/// <summary>What a host that needs so many steps per second spends on them.</summary>
/// <param name="StepsPerSecond">The rate.</param>
/// <param name="PeriodNanoseconds">From one step to the next.</param>
/// <param name="Load">The share of one core that the mean step uses.</param>
/// <param name="LatencyShare">The share of the period that the percentile of the budget takes, or null.</param>
internal sealed record BenchRate(double StepsPerSecond, double PeriodNanoseconds, double Load, double? LatencyShare)
{
    /// <summary>How many times faster than the rate the mean step is.</summary>
    public double RealTimeFactor => 1 / Load;
}
