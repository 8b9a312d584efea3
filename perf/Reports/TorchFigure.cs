namespace SpanRnn.Perf;

/// <summary>PyTorch beside a training step: what was asked of its library of products, the kernels that it chose, and its time.</summary>
internal sealed record TorchFigure(string Form, string Kernels, BesideFigure Time);
