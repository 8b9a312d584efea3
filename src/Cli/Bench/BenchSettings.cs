namespace SpanRnn.Cli.Bench;

/// <summary>Settings of a measurement, and its budget.</summary>
internal sealed record BenchSettings
{
    /// <summary>The precision of the packed weights.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>The percentile that is compared with the budget: above 0, below 100.</summary>
    public decimal Percentile { get; init; } = 99.9m;

    /// <summary>Nanoseconds that this percentile may take, or null.</summary>
    public double? Budget { get; init; }

    /// <summary>Bytes that all measured steps together may allocate.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Steps per second that a host needs, or null.</summary>
    public double? Rate { get; init; }

    /// <summary>Measured steps, or null for a suitable number.</summary>
    public int? Steps { get; init; }
}
