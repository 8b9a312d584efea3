using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Arrays;

/// <summary>Reordering of arrays between the axes of a file and [T, B, n], on which networks compute.</summary>
internal static class AxisOrder
{
    /// <summary>Lists, for each number in the order of the network, its index in the array of a file.</summary>
    public static int[] FileIndices(ModelPort port, int steps, int batch)
    {
        int[] indices = [.. Enumerable.Range(0, ArrayContent.Length(port.Shape(steps, batch)))];
        int[] fileIndices = new int[indices.Length];
        port.ToNetwork<int>(steps, batch, indices, fileIndices);
        return fileIndices;
    }

    /// <summary>Exchanges the first two axes of an array [first, second, n].</summary>
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
