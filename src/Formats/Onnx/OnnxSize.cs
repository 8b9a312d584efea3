namespace SpanRnn.Formats.Onnx;

/// <summary>One size of an input.</summary>
/// <param name="Known">The size; 0 or less if it is known only when the model runs.</param>
/// <param name="Name">Its name in the file; sizes with one name are equal.</param>
internal readonly record struct OnnxSize(long Known, string? Name);
