namespace SpanRnn.Tasks;

/// <summary>Rows whose predicted class has about the same probability.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Probability">Mean probability of their predicted classes; NaN without rows.</param>
/// <param name="Accuracy">Share of them whose predicted class is their label; NaN without rows.</param>
public readonly record struct CalibrationBin(int Rows, double Probability, double Accuracy);
