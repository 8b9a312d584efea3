namespace SpanRnn.Tasks;

/// <summary>Choices of a <see cref="SequenceTraining"/>. A null is the choice of the task, which the training's Options have.</summary>
public sealed record SequenceTrainingOptions
{
    /// <summary>Cell of the recurrent layers.</summary>
    public CellKind? Cell { get; init; }

    /// <summary>Units of each recurrent layer and direction, at least 1.</summary>
    public int? HiddenSize { get; init; }

    /// <summary>Number of recurrent layers, at least 1.</summary>
    public int? Layers { get; init; }

    /// <summary>
    /// True if layers run in both directions; not for a network that predicts the next symbol, which would see it.
    /// </summary>
    public bool? Bidirectional { get; init; }

    /// <summary>Numbers per symbol in a trained table; 0 for one-hot.</summary>
    public int? EmbeddingSize { get; init; }

    /// <summary>
    /// Layer that makes one row of all steps, such as new PoolLayer(Pooling.Mean), new StepLayer(29) or new AttentionLayer(); for tasks
    /// with one output per sequence.
    /// </summary>
    public LayerSpec? Readout { get; init; }

    /// <summary>Share of numbers dropped between layers.</summary>
    public double? Dropout { get; init; }

    /// <summary>Share of units dropped on the way to the next step.</summary>
    public double? RecurrentDropout { get; init; }

    /// <summary>Makes the optimizer of so many parameters; its rate is <see cref="LearningRate"/>. Null: Adam.</summary>
    public Func<int, Optimizer<float>>? Optimizer { get; init; }

    /// <summary>The learning rate at the start.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Makes the schedule of a rate; null: down to 0 along half a cosine over all epochs.</summary>
    public Func<double, LearningRateSchedule>? Schedule { get; init; }

    /// <summary>
    /// To predict the last symbol: how much each symbol before it counts in the training, as the next one of those before; the last one
    /// counts 1. Only without a readout.
    /// </summary>
    public double? EarlierWeight { get; init; }

    /// <summary>The largest norm of all gradients together; +∞ for none.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Most epochs, at least 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>Epochs in turn without a smaller validation loss after which training ends, at least 1.</summary>
    public int? Patience { get; init; }

    /// <summary>
    /// Share of the records, of a running text its end, that is not trained on and decides when training ends; 0 for none, and then all
    /// epochs run. Null: 0.1, or 0 if there are fewer than twenty records.
    /// </summary>
    public double? Validation { get; init; }

    /// <summary>Sequences to validate with instead of a share; null for a share.</summary>
    public SequenceFile? ValidationFile { get; init; }

    /// <summary>Sequences per step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Seed of starting values, dropout, order and the choice of validation.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads; the result does not depend on them.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Model to go on from: its network and its parameters, and no choice of a network beside it; null for a new network.
    /// </summary>
    public SequenceModel? Start { get; init; }

    /// <summary>Called after every step; null for none.</summary>
    public Action<StepReport>? Step { get; init; }

    /// <summary>Called after every epoch, when <see cref="SequenceTraining.Best"/> is known; null for none.</summary>
    public Action<EpochReport>? Epoch { get; init; }
}
