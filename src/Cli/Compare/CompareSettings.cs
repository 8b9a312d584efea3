using SpanRnn.Cli.Sequences;

namespace SpanRnn.Cli.Compare;

/// <summary>Settings of a comparison. The help of the options says what each is; null is the choice of the task.</summary>
internal sealed record CompareSettings
{
    public TaskSettings Task { get; init; } = new();

    public int? Hidden { get; init; }

    public int? Layers { get; init; }

    public bool? Bidirectional { get; init; }

    public int? Epochs { get; init; }

    public int Seeds { get; init; } = 5;

    public ulong Seed { get; init; }

    public int Threads { get; init; } = 1;

    /// <summary>Time for the whole; null for as long as it takes.</summary>
    public TimeSpan? Budget { get; init; }

    public bool Json { get; init; }
}
