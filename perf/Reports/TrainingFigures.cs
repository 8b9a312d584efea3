namespace SpanRnn.Perf;

/// <summary>
/// Training steps, what their tables say where PyTorch was not timed, and what there is to say on whom they are compared with.
/// </summary>
internal sealed record TrainingFigures(TrainingFigure[] Steps, string WithoutTorch, string[] Notes);
