using SpanRnn.Core.Matrices;

namespace SpanRnn.Core.Workers;

/// <summary>The rows of a work that one of its parts does.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Partition(int First, int Count)
{
    // Rows of a group of a product's copied left-hand side: every share but the last has whole groups, whose tiles are the highest.
    private const int Group = OperandA<float>.Group;

    /// <summary>The first row behind it.</summary>
    public int End => First + Count;

    /// <summary>Part <paramref name="part"/> of <paramref name="rows"/> rows in <paramref name="parts"/> parts.</summary>
    public static Partition Of(int rows, int part, int parts)
    {
        int first = Start(rows, part, parts);
        return new Partition(first, Start(rows, part + 1, parts) - first);
    }

    private static int Start(int rows, int part, int parts)
    {
        int start = (int)((long)rows * part / parts);
        return part == parts ? rows : start - (start % Group);
    }
}
