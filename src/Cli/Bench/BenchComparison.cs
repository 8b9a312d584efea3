using System.Text.Json.Serialization;

namespace SpanRnn.Cli.Bench;

/// <summary>Steps of the model beside those of another model, timed in turn.</summary>
/// <param name="Model">The file of the other model.</param>
/// <param name="Precision">The precision of its weights.</param>
/// <param name="WeightBytes">The bytes of its packed weights.</param>
/// <param name="Warning">A warning about its parameters, or null.</param>
/// <param name="Looks">1, or 2 if the model looked slower than allowed and was measured again.</param>
/// <param name="Times">[2·rounds] Nanoseconds of a step of the model at the last look, two per round.</param>
/// <param name="OtherTimes">[2·rounds] Nanoseconds of a step of the other model.</param>
/// <param name="SlowerThan">The slow-down in percent that still passes, or null.</param>
internal sealed record BenchComparison(
    string Model,
    string Precision,
    long WeightBytes,
    string? Warning,
    int Looks,
    double[] Times,
    double[] OtherTimes,
    double? SlowerThan)
{
    // Both ends together leave out 5 %.
    private const double Tail = 0.025;

    /// <summary>Median nanoseconds of a step of the model.</summary>
    public double Nanoseconds => BenchRun.Median([.. Times]);

    /// <summary>Median nanoseconds of a step of the other model.</summary>
    public double OtherNanoseconds => BenchRun.Median([.. OtherTimes]);

    /// <summary>Time of the model over that of the other one, with its interval of 95 %.</summary>
    public SlowDown SlowDown => SlowDown.Of(OtherTimes, Times, Tail);

    /// <summary>The largest ratio that still passes, or null.</summary>
    [JsonIgnore]
    public double? Allowed => 1 + (SlowerThan / 100);

    /// <summary>True if the interval lies above what is allowed; it has to at both looks.</summary>
    [JsonIgnore]
    public bool IsSlower => Allowed is { } allowed && SlowDown.Exceeds(allowed);
}
