namespace SpanRnn;

/// <summary>Results of one training step.</summary>
/// <param name="Step">Index of the step, from 0 on.</param>
/// <param name="Loss">The loss before the update.</param>
/// <param name="GradientNorm">‖∂L/∂parameters‖ before clipping.</param>
/// <param name="ClippedFraction">The share of gradient numbers that clipping changed.</param>
/// <param name="LearningRate">α of the step.</param>
/// <param name="Sequences">Number of sequences with at least one step.</param>
/// <param name="Rows">Number of steps of all sequences together.</param>
/// <param name="Weight">
/// Σ w of the outputs that the loss counts, their number if they have no weights. The mean over several steps is Σ Weight·Loss / Σ Weight.
/// </param>
public readonly record struct StepReport(
    long Step, double Loss, double GradientNorm, double ClippedFraction, double LearningRate, int Sequences, int Rows, double Weight);
