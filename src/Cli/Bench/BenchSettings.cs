using SpanRnn.Cells;

namespace SpanRnn.Cli.Bench;

/// <summary>What is measured, and what it may cost.</summary>
internal sealed record BenchSettings
{
    /// <summary>What the weights are packed in.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>The percentile that is held against the budget: above 0, below 100.</summary>
    public decimal Percentile { get; init; } = 99.9m;

    /// <summary>Nanoseconds that this percentile may take, or null.</summary>
    public double? Budget { get; init; }

    /// <summary>Bytes that all measured steps together may allocate.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Steps per second that a host needs, or null.</summary>
    public double? Rate { get; init; }

    /// <summary>Measured steps, or null: as many as suit.</summary>
    public int? Steps { get; init; }
}
