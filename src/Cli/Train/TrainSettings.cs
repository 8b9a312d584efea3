using System.Numerics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Sequences;

namespace SpanRnn.Cli.Train;

/// <summary>Settings of a training run. The help of the options says what each is.</summary>
internal sealed record TrainSettings
{
    /// <summary>Weight decay of AdamW in PyTorch; its other optimizers have none.</summary>
    public const double DefaultAdamWDecay = 0.01;

    private const long DefaultReportSteps = 100;

    /// <summary>The file of sequences to train on; null for arrays.</summary>
    public string? Data { get; init; }

    /// <summary>The model to start from, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Options that the command line has, by name: what else is a default.</summary>
    public IReadOnlySet<string> Given { get; init; } = new HashSet<string>();

    /// <summary>The task on sequences.</summary>
    public TaskSettings Task { get; init; } = new();

    /// <summary>Share of the sequences for validation, or a file of them.</summary>
    public ValidationChoice? Validation { get; init; }

    /// <summary>Epochs without a smaller validation loss; 0 for the task's choice.</summary>
    public int Patience { get; init; }

    /// <summary>0 for no cross-validation.</summary>
    public int Folds { get; init; }

    public int Seeds { get; init; } = 1;

    /// <summary>True for the result as JSON.</summary>
    public bool Json { get; init; }

    public ActivationKind? Nonlinearity { get; init; }

    /// <summary>The description of a new network, a file or the text itself; null if there is none.</summary>
    public string? Network { get; init; }

    /// <summary>The cells of a new network; null if there is a model or a description.</summary>
    public CellKind? Cell { get; init; }

    public int Hidden { get; init; }

    public int Layers { get; init; } = 1;

    public bool Bidirectional { get; init; }

    /// <summary>The steps that gates of a new network remember; 0 for their usual starting values.</summary>
    public int Remember { get; init; }

    /// <summary>0 for no head.</summary>
    public int Outputs { get; init; }

    /// <summary>Null for what the head of the model reads, or every step in a new network.</summary>
    public HeadChoice? Head { get; init; }

    /// <summary>0 if the input is numbers.</summary>
    public int Symbols { get; init; }

    /// <summary>0 for one-hot.</summary>
    public int Embedding { get; init; }

    /// <summary>The files of x and lengths, by these names.</summary>
    public Dictionary<string, string> Inputs { get; init; } = [];

    public string Target { get; init; } = string.Empty;

    /// <summary>The files of the weights of outputs and of classes, by these names.</summary>
    public Dictionary<string, string> Weights { get; init; } = [];

    public bool BatchFirst { get; init; }

    public Loss Loss { get; init; }

    public OptimizerKind Optimizer { get; init; }

    public double Rate { get; init; } = 1e-3;

    public double Momentum { get; init; }

    /// <summary>Null for the optimizer's default.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>The schedule for a rate; null for a rate below the minimum.</summary>
    public Func<double, LearningRateSchedule?> ScheduleOf { get; init; } = LearningRateSchedule.Constant;

    public long WarmUp { get; init; }

    /// <summary>The rate of every step; null for a rate below the minimum of its schedule.</summary>
    public LearningRateSchedule? Schedule => ScheduleOf(Rate)?.WithWarmUp(WarmUp);

    public double ClipNorm { get; init; } = double.PositiveInfinity;

    public double ClipValue { get; init; } = double.PositiveInfinity;

    public double Dropout { get; init; }

    public double RecurrentDropout { get; init; }

    /// <summary>The most epochs of the whole run.</summary>
    public long Epochs { get; init; } = long.MaxValue;

    /// <summary>The most steps of the whole run.</summary>
    public long Steps { get; init; } = long.MaxValue;

    public int Batch { get; init; } = 32;

    public bool Shuffle { get; init; }

    public ulong Seed { get; init; }

    /// <summary>0 for whole sequences.</summary>
    public int Chunk { get; init; }

    /// <summary>0 for one chunk.</summary>
    public int Horizon { get; init; }

    public int Threads { get; init; } = 1;

    public Precision Precision { get; init; } = Precision.Single;

    public string? Checkpoint { get; init; }

    public long Every { get; init; } = 1000;

    public bool Resume { get; init; }

    /// <summary>Null for the default of arrays.</summary>
    public ReportChoice? Report { get; init; }

    /// <summary>Steps from one line of progress to the next, for arrays.</summary>
    public long ReportSteps => Report?.Steps ?? DefaultReportSteps;

    /// <summary>The picture of the losses, or null.</summary>
    public string? Plot { get; init; }

    public string? Losses { get; init; }

    public string? Output { get; init; }

    /// <summary>Makes the optimizer of so many parameters.</summary>
    public Optimizer<T> OptimizerOf<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool isAdamW = Optimizer == OptimizerKind.AdamW;
        double decay = WeightDecay ?? (isAdamW ? DefaultAdamWDecay : 0);
        return Optimizer switch
        {
            OptimizerKind.Sgd => new Sgd<T>(length) { Momentum = Momentum, WeightDecay = decay },
            OptimizerKind.RmsProp => new RmsProp<T>(length) { Momentum = Momentum, WeightDecay = decay },
            _ => new Adam<T>(length) { WeightDecay = decay, DecoupledWeightDecay = isAdamW },
        };
    }
}
