namespace SpanRnn.Formats.Arrays;

/// <summary>Rows of an array [T, B, n] beyond the lengths of its sequences.</summary>
internal static class Padding
{
    /// <summary>Zeros all padding. x is not read there, but NaN would cause a warning and spoil a finite difference.</summary>
    /// <param name="layout">The batch.</param>
    /// <param name="values">[T, B, n] in and out.</param>
    public static void Clear<T>(SequenceLayout layout, Span<T> values) =>
        Fill(layout, values, new T[values.Length / (layout.Steps * layout.Batch)]);

    /// <summary>Writes <paramref name="row"/> to all padding.</summary>
    /// <param name="layout">The batch.</param>
    /// <param name="values">[T, B, n] in and out.</param>
    /// <param name="row">[n] in.</param>
    public static void Fill<T>(SequenceLayout layout, Span<T> values, ReadOnlySpan<T> row)
    {
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sequence = 0; sequence < layout.Batch; sequence++)
            {
                if (step >= layout.Length(sequence))
                {
                    row.CopyTo(values[(((step * layout.Batch) + sequence) * row.Length)..]);
                }
            }
        }
    }
}
