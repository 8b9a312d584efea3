namespace SpanRnn;

/// <summary>Settings of a training.</summary>
/// <param name="Loss">The loss to minimize.</param>
public sealed record TrainerOptions(Loss Loss)
{
    /// <summary>Softmax cross-entropy only: how much the outputs of each label count, [O], each 0 or more; null for 1.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>The learning rate of every step; null keeps the optimizer's own.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>The largest norm of all gradients together; +∞ for none.</summary>
    public double ClipNorm { get; init; } = double.PositiveInfinity;

    /// <summary>The largest magnitude of any gradient, limited before the norm; +∞ for none.</summary>
    public double ClipValue { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// The share of numbers dropped where they enter a recurrent or a dense layer, but for the first of them and a dense layer on top of
    /// all others; 0 or more and below 1 (Srivastava et al. 2014).
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>The share of h′ dropped on its way into U, the same for all steps of a sequence (Gal and Ghahramani 2016).</summary>
    public double RecurrentDropout { get; init; }

    /// <summary>Seed of starting values and of dropout masks; the masks of a step depend on the seed and the step alone.</summary>
    public ulong Seed { get; init; }

    /// <summary>Number of threads that compute; the bits do not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>True if the norm of ∂L/∂h, of a dense layer ∂L/∂y, is measured for every layer and time step.</summary>
    public bool MeasuresStepNorms { get; init; }
}
