namespace SpanRnn.Cli;

/// <summary>The two orders of the axes of sequences: [T, B, n], which networks compute on, and [B, T, n].</summary>
internal static class Axes
{
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
