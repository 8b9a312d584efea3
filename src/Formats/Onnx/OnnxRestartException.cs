namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Thrown when a pass finds something that it must know from its start: a given array is a constant, or a size has another value.
/// </summary>
internal sealed class OnnxRestartException : Exception;
