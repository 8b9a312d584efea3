namespace SpanRnn;

/// <summary>Settings of <see cref="Trainer{T}.Fit"/>.</summary>
/// <param name="Epochs">The most epochs, at least 1.</param>
public sealed record FitOptions(int Epochs)
{
    /// <summary>
    /// Number of epochs in turn without a smaller validation loss after which training ends, at least 1; null for none, and then all
    /// epochs run.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>Called after every epoch; null for none. Trainer.Parameters are those after the epoch then, the best ones or not.</summary>
    public Action<EpochReport>? Report { get; init; }

    /// <summary>Called after every step of training, such as for progress; null for none.</summary>
    public Action<StepReport>? Step { get; init; }
}
