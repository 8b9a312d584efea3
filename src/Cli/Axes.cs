using SpanRnn.Cells;

namespace SpanRnn.Cli;

/// <summary>The two orders of the axes of sequences: [T, B, n], which networks compute on, and [B, T, n].</summary>
internal static class Axes
{
    /// <summary>
    /// Zeros beyond the length of every sequence, where x is not read and y does not depend on anything: NaN there is nothing to warn
    /// of, and would make NaN of a finite difference.
    /// </summary>
    /// <param name="layout">The batch.</param>
    /// <param name="values">[T, B, n], or [B, T, n].</param>
    /// <param name="batchFirst">Which of the two.</param>
    public static void ClearPadding<T>(SequenceLayout layout, Span<T> values, bool batchFirst)
    {
        int size = values.Length / (layout.Steps * layout.Batch);
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sequence = 0; sequence < layout.Batch; sequence++)
            {
                if (step >= layout.Length(sequence))
                {
                    int place = batchFirst ? (sequence * layout.Steps) + step : (step * layout.Batch) + sequence;
                    values.Slice(place * size, size).Clear();
                }
            }
        }
    }

    /// <summary>An array [first, second, n] with its first two axes exchanged.</summary>
    public static T[] Exchange<T>(ReadOnlySpan<T> array, int first, int second)
    {
        var result = new T[array.Length];
        int size = array.Length / (first * second);
        for (int i = 0; i < first; i++)
        {
            for (int j = 0; j < second; j++)
            {
                array.Slice(((i * second) + j) * size, size).CopyTo(result.AsSpan(((j * first) + i) * size));
            }
        }

        return result;
    }
}
