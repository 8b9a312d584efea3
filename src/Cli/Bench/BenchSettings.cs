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

    /// <summary>The file of another model to compare with, or null.</summary>
    public string? Against { get; init; }

    /// <summary>The precision of the other model's weights, or null for that of the model.</summary>
    public WeightPrecision? AgainstPrecision { get; init; }

    /// <summary>True if there is another model, or the same in another precision, to compare with.</summary>
    public bool Compares => Against is not null || AgainstPrecision is not null;

    /// <summary>The slow-down in percent against the other model that still passes, or null.</summary>
    public double? SlowerThan { get; init; }
}
