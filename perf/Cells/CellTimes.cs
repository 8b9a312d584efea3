namespace SpanRnn.Perf;

/// <summary>
/// Measurements of a case by one process, all in turn; the fastest way of calling ONNX Runtime there, and the fastest of its C# API.
/// </summary>
internal sealed record CellTimes(Timing[] Timings, string? OnnxForm, string? OnnxManagedForm);
