namespace SpanRnn.Perf;

/// <summary>What one process measured of a case, all of it in turn; and which way of calling ONNX Runtime was fastest there.</summary>
internal sealed record CellTimes(Timing[] Timings, string? OnnxForm);
