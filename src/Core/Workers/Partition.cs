using SpanRnn.Core.Matrices;

namespace SpanRnn.Core.Workers;

/// <summary>Rows that one part of a work covers.</summary>
/// <param name="First">First row.</param>
/// <param name="Count">Number of rows.</param>
internal readonly record struct Partition(int First, int Count)
{
    // Rows of a group of a copied operand A. Every partition but the last has whole groups, whose tiles are the highest.
    private const int Group = OperandA<float>.Group;

    /// <summary>First row behind the partition.</summary>
    public int End => First + Count;

    /// <summary>Partition <paramref name="part"/> of <paramref name="rows"/> rows cut into <paramref name="parts"/>.</summary>
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
