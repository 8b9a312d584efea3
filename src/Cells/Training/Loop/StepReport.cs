namespace SpanRnn;

/// <summary>What one training step did.</summary>
/// <param name="Step">Its index, from 0 on.</param>
/// <param name="Loss">The loss before the step.</param>
/// <param name="GradientNorm">‖∂L/∂parameters‖ before clipping.</param>
/// <param name="ClippedFraction">The share of gradient numbers that clipping changed.</param>
/// <param name="LearningRate">α of the step.</param>
/// <param name="Sequences">Sequences with at least one step.</param>
/// <param name="Rows">Steps of all sequences together.</param>
public readonly record struct StepReport(
    long Step, double Loss, double GradientNorm, double ClippedFraction, double LearningRate, int Sequences, int Rows);
