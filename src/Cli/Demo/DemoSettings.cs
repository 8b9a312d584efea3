namespace SpanRnn.Cli.Demo;

/// <summary>The sizes of a demo; the values are those of the program, tests take smaller ones.</summary>
internal sealed record DemoSettings
{
    /// <summary>Units of each network.</summary>
    public int HiddenSize { get; init; } = 16;

    /// <summary>Steps of the optimiser.</summary>
    public int Batches { get; init; } = 2500;

    /// <summary>Strings per step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The learning rate of the first step; it falls to nothing in a straight line.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Strings that no network trains on.</summary>
    public int TestStrings { get; init; } = 2000;

    /// <summary>Streamed steps per measurement of time.</summary>
    public int TimedSteps { get; init; } = 20_000;

    /// <summary>Where everything random comes from.</summary>
    public ulong Seed { get; init; } = 1;
}
