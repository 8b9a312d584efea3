namespace SpanRnn;

/// <summary>Results of one epoch of <see cref="Trainer{T}.Fit"/>.</summary>
/// <param name="Epoch">Index of the epoch in its reader, from 0 on.</param>
/// <param name="TrainingLoss">Mean loss of the steps over all that they counted, each before its update and with dropout.</param>
/// <param name="ValidationLoss">
/// Loss of the validation data after the epoch, as <see cref="Trainer{T}.Evaluate(SequenceData{T}, int)"/> has it; NaN without such data.
/// </param>
/// <param name="GradientNorm">Mean norm of the gradients of the steps, before clipping.</param>
/// <param name="IsBest">True if the validation loss is below those of all epochs before, and without validation.</param>
public readonly record struct EpochReport(long Epoch, double TrainingLoss, double ValidationLoss, double GradientNorm, bool IsBest);
