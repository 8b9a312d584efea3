namespace SpanRnn.Perf;

/// <summary>
/// What one process measured of a case, all of it in turn; which way of calling ONNX Runtime was fastest there, and which of its C# API.
/// </summary>
internal sealed record CellTimes(Timing[] Timings, string? OnnxForm, string? OnnxManagedForm);
