using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Bench;

/// <summary>Everything that was measured, as --json writes it.</summary>
internal sealed record BenchReport
{
    public required string Model { get; init; }

    public required string Precision { get; init; }

    public required long WeightBytes { get; init; }

    /// <summary>A warning about the parameters, or null.</summary>
    public required string? Warning { get; init; }

    public string Version { get; init; } = Machine.Version;

    /// <summary>The commit that the program was built from; null if its build did not know.</summary>
    public string? Commit { get; init; } = Machine.Commit;

    public string Processor { get; init; } = Machine.Processor;

    /// <summary>Bits of the registers that the network computes with.</summary>
    public required int RegisterWidth { get; init; }

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public string Architecture { get; init; } = RuntimeInformation.ProcessArchitecture.ToString();

    public required int Steps { get; init; }

    /// <summary>The median time between two readings of the clock in a row; each latency contains it.</summary>
    public required double ClockNanoseconds { get; init; }

    /// <summary>The first step after WarmUp.</summary>
    public required double FirstNanoseconds { get; init; }

    public required double MeanNanoseconds { get; init; }

    public required double MaxNanoseconds { get; init; }

    /// <summary>Nanoseconds of "p50" and so on; null if there are too few steps.</summary>
    public required Dictionary<string, double?> Percentiles { get; init; }

    public required LatencyBin[] Histogram { get; init; }

    /// <summary>Steps on an ordinary signal, without reading the clock at each.</summary>
    public required double StepsPerSecond { get; init; }

    /// <summary>Bytes of all measured steps together, on their thread.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>Collections of the whole process during the measured steps.</summary>
    public required int Collections { get; init; }

    public required BenchSignals Signals { get; init; }

    /// <summary>Null without --rate.</summary>
    public required BenchRate? Rate { get; init; }

    /// <summary>The percentile that is compared with the budget.</summary>
    public required decimal BudgetPercentile { get; init; }

    /// <summary>Null without --budget.</summary>
    public required double? BudgetNanoseconds { get; init; }

    public required long MaxBytes { get; init; }

    /// <summary>Null without --against and --against-precision.</summary>
    public BenchComparison? Against { get; init; }

    /// <summary>One sentence on broken limits, or null.</summary>
    public string? Problem
    {
        get
        {
            List<(string Found, string Expected)> broken = [];
            if (BudgetNanoseconds is { } budget && Latency is { } latency && latency > budget)
            {
                broken.Add((
                    $"a step takes {Display.Duration(latency)} at {Name(BudgetPercentile)}", $"at most {Display.Duration(budget)}"));
            }

            if (AllocatedBytes > MaxBytes)
            {
                broken.Add((
                    $"{Amount.Of(Steps, "step")} {(Steps == 1 ? "allocates" : "allocate")} {Amount.Of(AllocatedBytes, "byte")}",
                    $"at most {Amount.Of(MaxBytes, "byte")}"));
            }

            if (Rate is { Load: > 1 } rate)
            {
                broken.Add((
                    $"the rate of {Display.Rate(rate.StepsPerSecond)} uses {Display.Percent(rate.Load)} of a core", "at most one core"));
            }

            if (Against is { IsSlower: true, Allowed: { } allowed } other)
            {
                SlowDown slowDown = other.SlowDown;
                broken.Add((
                    $"a step takes {Display.Fixed(slowDown.Ratio, 3)} times as long as one of {other.Model} in {other.Precision} "
                    + $"(95 % interval {Display.Fixed(slowDown.Low, 3)} to {Display.Fixed(slowDown.High, 3)})",
                    $"at most {Display.Number(allowed)} times"));
            }

            return broken.Count == 0
                ? null
                : $"{Model}: {string.Join(" and ", broken.Select(limit => limit.Found))}, "
                    + $"expected {string.Join(" and ", broken.Select(limit => limit.Expected))}.";
        }
    }

    /// <summary>The latency that is compared with the budget; null if there are too few steps.</summary>
    [JsonIgnore]
    public double? Latency => Percentiles[Name(BudgetPercentile)];

    /// <summary>Names a percentile: "p99.9".</summary>
    public static string Name(decimal percentile) => percentile.ToString("p0.############################", CultureInfo.InvariantCulture);
}
