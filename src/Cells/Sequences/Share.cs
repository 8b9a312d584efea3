using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <summary>Which of many rows a part of a work does.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Share(int First, int Count)
{
    // Rows of a group of a product's copied left-hand side: every share but the last has whole groups, whose tiles are the highest.
    private const int Group = LeftBlock<float>.Group;

    /// <summary>The first row behind it.</summary>
    public int End => First + Count;

    /// <summary>Part <paramref name="part"/> of <paramref name="rows"/> rows in <paramref name="parts"/> parts.</summary>
    public static Share Of(int rows, int part, int parts)
    {
        int first = Start(rows, part, parts);
        return new Share(first, Start(rows, part + 1, parts) - first);
    }

    /// <summary>The places of a batch that part <paramref name="part"/> walks through: about as many rows as the others have.</summary>
    public static Share OfPlaces(SequenceLayout layout, int part, int parts)
    {
        int first = Place(layout, part, parts);
        return new Share(first, Place(layout, part + 1, parts) - first);
    }

    // The first place that has a part's share of rows, or more, before it: the longest sequences stand first.
    private static int Place(SequenceLayout layout, int part, int parts)
    {
        if (part == parts)
        {
            return layout.Batch;
        }

        long before = (long)layout.Rows * part / parts;
        long rows = 0;
        int place = 0;
        while (rows < before && place < layout.Batch)
        {
            rows += layout.Length(layout.Sequence(place++));
        }

        return place;
    }

    private static int Start(int rows, int part, int parts)
    {
        int start = (int)((long)rows * part / parts);
        return part == parts ? rows : start - (start % Group);
    }
}
