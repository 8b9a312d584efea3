namespace SpanRnn.Perf;

/// <summary>PyTorch beside a training step: the kernels asked of its matrix library, the kernels that it chose, and its time.</summary>
internal sealed record TorchFigure(string Form, string Kernels, BesideFigure Time);
