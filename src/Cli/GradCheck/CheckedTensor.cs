using SpanRnn.Cli.Arrays;

namespace SpanRnn.Cli.GradCheck;

/// <summary>A tensor of a gradient check and where its elements lie in the flat point.</summary>
/// <param name="Name">Its name: that of the file, or of an input such as x, h0, c0.</param>
/// <param name="Shape">Its sizes as the user's file has them.</param>
/// <param name="Pieces">Its elements in the order of the network: index of the first and how many, for each piece.</param>
internal sealed record CheckedTensor(string Name, int[] Shape, (int Start, int Length)[] Pieces)
{
    /// <summary>For each element its index in the user's file; null where the order is the same.</summary>
    public int[]? Places { get; init; }

    /// <summary>How many numbers.</summary>
    public int Length => Pieces.Sum(piece => piece.Length);

    /// <summary>The place of an element as the user's file has it.</summary>
    public int[] FilePlace(int element) => ArrayFile.Index(Shape, Places?[element] ?? element);

    /// <summary>The tensor's numbers out of a point or a gradient, as the user's file has them.</summary>
    public double[] Values(double[] flat)
    {
        double[] values = [.. Pieces.SelectMany(piece => flat.AsSpan(piece.Start, piece.Length).ToArray())];
        if (Places is null)
        {
            return values;
        }

        double[] ordered = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            ordered[Places[i]] = values[i];
        }

        return ordered;
    }
}
