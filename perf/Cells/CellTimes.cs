namespace SpanRnn.Perf;

/// <summary>
/// Timings of a case by one process, all in turn, with the fastest way of calling ONNX Runtime and the fastest way of its C# API.
/// </summary>
internal sealed record CellTimes(Timing[] Timings, string? OnnxForm, string? OnnxManagedForm);
