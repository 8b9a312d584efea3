namespace SpanRnn.Perf;

/// <summary>
/// Training steps; the text of their tables if PyTorch was not timed; and notes on the peers.
/// </summary>
internal sealed record TrainingFigures(TrainingFigure[] Steps, string WithoutTorch, string[] Notes);
