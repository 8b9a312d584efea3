using SpanRnn.Cli.Sequences;

namespace SpanRnn.Cli.Forget;

/// <summary>Settings of forget. The help of the options says what each is.</summary>
internal sealed record ForgetSettings
{
    public TaskSettings Task { get; init; } = new();

    /// <summary>Steps of the adding problem; null if it was not given.</summary>
    public int? Length { get; init; }

    public int Hidden { get; init; } = 32;

    public int Epochs { get; init; } = 5;

    /// <summary>Steps that gates start to remember; null for the longest sequence.</summary>
    public int? Remember { get; init; }

    public ulong Seed { get; init; }

    public bool Json { get; init; }
}
