namespace SpanRnn.Cli;

/// <summary>A tensor of a gradient check and where its elements lie in the flat point.</summary>
/// <param name="Name">Its name: PyTorch's, or x, h0, c0.</param>
/// <param name="Shape">Its sizes in the order in which they lie.</param>
/// <param name="Pieces">Its elements in their order: index of the first and how many, for each piece that lies together.</param>
internal sealed record CheckedTensor(string Name, int[] Shape, (int Start, int Length)[] Pieces)
{
    /// <summary>The user's file has the first two axes exchanged.</summary>
    public bool BatchFirst { get; init; }

    /// <summary>How many numbers.</summary>
    public int Length => Pieces.Sum(piece => piece.Length);

    /// <summary>The sizes as the user's file has them.</summary>
    public int[] FileShape => BatchFirst ? [Shape[1], Shape[0], Shape[2]] : Shape;

    /// <summary>The place of an element as the user's file has it.</summary>
    public int[] FilePlace(int element)
    {
        int[] place = NumberFile.Place(Shape, element);
        return BatchFirst ? [place[1], place[0], place[2]] : place;
    }

    /// <summary>The tensor's numbers out of a point or a gradient, as the user's file has them.</summary>
    public double[] Values(double[] flat)
    {
        double[] values = [.. Pieces.SelectMany(piece => flat.AsSpan(piece.Start, piece.Length).ToArray())];
        return BatchFirst ? Axes.Exchange<double>(values, Shape[0], Shape[1]) : values;
    }
}
