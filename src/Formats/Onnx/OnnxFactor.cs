namespace SpanRnn.Formats;

/// <summary>Part of an axis: so many elements, each that far behind the one before.</summary>
/// <param name="Size">How many, 2 or more.</param>
/// <param name="Stride">From one to the next, of any sign; 0 repeats one element.</param>
internal readonly record struct OnnxFactor(long Size, long Stride);
