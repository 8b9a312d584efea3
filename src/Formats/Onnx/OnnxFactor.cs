namespace SpanRnn.Formats.Onnx;

/// <summary>Part of an axis: a number of elements at equal distances.</summary>
/// <param name="Size">The number of elements, 2 or more.</param>
/// <param name="Stride">Distance from one to the next, of any sign; 0 repeats one element.</param>
internal readonly record struct OnnxFactor(long Size, long Stride);
