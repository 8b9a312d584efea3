using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Cli.Train;

/// <summary>What train was asked for.</summary>
internal sealed record TrainSettings
{
    /// <summary>The model to start from; null where the network is described.</summary>
    public string? Model { get; init; }

    /// <summary>The activation of an RNN whose file does not tell.</summary>
    public Activation? Nonlinearity { get; init; }

    /// <summary>The layer that a new network has, <see cref="Layers"/> times; null where there is a model.</summary>
    public LayerSpec? Layer { get; init; }

    public int Layers { get; init; } = 1;

    /// <summary>Numbers that the head of a new network gives; 0 for no head.</summary>
    public int Outputs { get; init; }

    /// <summary>Where the head stands; null for where the model says, and on every step of a new network.</summary>
    public HeadPosition? Head { get; init; }

    /// <summary>How many symbols the input is made of; 0 where it is numbers.</summary>
    public int Symbols { get; init; }

    /// <summary>Numbers per symbol of an embedding; 0 for one-hot.</summary>
    public int Embedding { get; init; }

    public required Dictionary<string, string> Inputs { get; init; }

    public required string Target { get; init; }

    public bool BatchFirst { get; init; }

    public required Loss Loss { get; init; }

    /// <summary>sgd, rmsprop, adam or adamw.</summary>
    public required OptimizerKind Optimiser { get; init; }

    public double Momentum { get; init; }

    public double WeightDecay { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    public double ClipNorm { get; init; }

    public double ClipValue { get; init; }

    public double Dropout { get; init; }

    public double RecurrentDropout { get; init; }

    /// <summary>How many epochs the whole run has.</summary>
    public long Epochs { get; init; }

    /// <summary>How many steps the whole run has at most.</summary>
    public long Steps { get; init; }

    public int? Batch { get; init; }

    public bool Shuffle { get; init; }

    public ulong Seed { get; init; }

    public int Chunk { get; init; }

    public int Horizon { get; init; }

    public int Threads { get; init; }

    public string? Checkpoint { get; init; }

    /// <summary>Steps from one checkpoint to the next.</summary>
    public long Every { get; init; }

    public bool Resume { get; init; }

    /// <summary>Steps from one line of progress to the next.</summary>
    public long Report { get; init; }

    public string? Losses { get; init; }

    public string? Output { get; init; }
}
