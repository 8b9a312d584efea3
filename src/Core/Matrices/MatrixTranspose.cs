namespace SpanRnn.Core;

/// <summary>Writes a matrix with rows and columns exchanged.</summary>
internal static class MatrixTranspose
{
    // A block of 16 × 16 keeps both the lines read and the lines written in the first cache.
    private const int Block = 16;

    /// <summary>Bᵢⱼ ← Aⱼᵢ for a row-major A [rows, columns]; B is [columns, rows].</summary>
    public static void Run<T>(ReadOnlySpan<T> a, int rows, int columns, Span<T> b)
    {
        for (int i0 = 0; i0 < rows; i0 += Block)
        {
            int i1 = Math.Min(i0 + Block, rows);
            for (int j0 = 0; j0 < columns; j0 += Block)
            {
                int j1 = Math.Min(j0 + Block, columns);
                for (int i = i0; i < i1; i++)
                {
                    for (int j = j0; j < j1; j++)
                    {
                        b[(j * rows) + i] = a[(i * columns) + j];
                    }
                }
            }
        }
    }
}
