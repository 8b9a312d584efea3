namespace SpanRnn.Cli.Demo;

/// <summary>Sizes of a demo, by default those of the program.</summary>
internal sealed record DemoSettings
{
    /// <summary>Units of each network.</summary>
    public int HiddenSize { get; init; } = 16;

    /// <summary>Training steps.</summary>
    public int Batches { get; init; } = 2500;

    /// <summary>Strings per step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate of the first step, from which it falls to 0 in a straight line.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Strings that no network trains on.</summary>
    public int TestStrings { get; init; } = 2000;

    /// <summary>Streamed steps per measurement of time.</summary>
    public int TimedSteps { get; init; } = 20_000;

    /// <summary>The seed of all that is random.</summary>
    public ulong Seed { get; init; } = 1;
}
