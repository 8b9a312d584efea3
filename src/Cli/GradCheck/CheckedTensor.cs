using SpanRnn.Formats.Arrays;

namespace SpanRnn.Cli.GradCheck;

/// <summary>A tensor of a gradient check, as places in the flat point.</summary>
/// <param name="Name">The name in the file, or of an input such as x, h0, c0.</param>
/// <param name="Shape">The shape in the file.</param>
/// <param name="Pieces">The elements in the order of the network: the first index and the length of each piece.</param>
internal sealed record CheckedTensor(string Name, int[] Shape, (int Start, int Length)[] Pieces)
{
    /// <summary>The index in the file of each element; null if the order is the same.</summary>
    public int[]? FileIndices { get; init; }

    /// <summary>
    /// For weights of x: the largest |x| that each column is multiplied with, or 1 if none is large. A weight is moved by as much less, and
    /// its gradient, a sum of products with x, is known as much less exactly. For all others: [1].
    /// </summary>
    public double[] Factors { get; init; } = [1];

    /// <summary>The number of elements.</summary>
    public int Length => Pieces.Sum(piece => piece.Length);

    /// <summary>Finds the index along each axis of an element, in the file.</summary>
    public int[] FileIndex(int element) => ArrayContent.Index(Shape, FileIndices?[element] ?? element);

    /// <summary>Takes the tensor out of a point or a gradient, in the order of the file.</summary>
    public double[] Values(double[] flat)
    {
        double[] values = [.. Pieces.SelectMany(piece => flat.AsSpan(piece.Start, piece.Length).ToArray())];
        if (FileIndices is null)
        {
            return values;
        }

        double[] ordered = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            ordered[FileIndices[i]] = values[i];
        }

        return ordered;
    }
}
