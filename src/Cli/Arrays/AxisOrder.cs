using SpanRnn.Cells;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Arrays;

/// <summary>Arrays of sequences between a file's order of the axes and [T, B, n], which networks compute on.</summary>
internal static class AxisOrder
{
    /// <summary>
    /// Zeros beyond the length of every sequence, where x is not read and y does not depend on anything: NaN there is nothing to warn
    /// of, and would make NaN of a finite difference.
    /// </summary>
    /// <param name="layout">The batch.</param>
    /// <param name="values">[T, B, n].</param>
    public static void ClearPadding<T>(SequenceLayout layout, Span<T> values)
    {
        int size = values.Length / (layout.Steps * layout.Batch);
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sequence = 0; sequence < layout.Batch; sequence++)
            {
                if (step >= layout.Length(sequence))
                {
                    values.Slice(((step * layout.Batch) + sequence) * size, size).Clear();
                }
            }
        }
    }

    /// <summary>For each number in the order of the network its index in the array of a file.</summary>
    public static int[] Places(ModelPort port, int steps, int batch)
    {
        int[] shape = port.Shape(steps, batch);
        int[] indices = [.. Enumerable.Range(0, shape.Aggregate(1, (product, size) => checked(product * size)))];
        int[] places = new int[indices.Length];
        port.ToNetwork<int>(steps, batch, indices, places);
        return places;
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
