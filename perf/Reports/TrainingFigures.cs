namespace SpanRnn.Perf;

/// <summary>Training steps, and what there is to say on whom they are compared with.</summary>
internal sealed record TrainingFigures(TrainingFigure[] Steps, string[] Notes);
