using System.Runtime.CompilerServices;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// Where the numbers of one unit stand in a row of the tape and in a row of gradients; every block has H numbers.
/// </summary>
/// <remarks>
/// Tape row: gates g0 … | the recurrent product of the candidate (apart) or the gated state (gated) | c | h before its projection.
/// Gradient row: gradients of pre-activations | that of the candidate's recurrent product (apart).
/// </remarks>
internal static class CellShape<TCell>
    where TCell : struct, ICell
{
    /// <summary>The block of u; it is there where <see cref="HasCandidateBlock"/>.</summary>
    public static int CandidateBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Gates;
    }

    /// <summary>Whether the candidate's recurrent side has a block of its own.</summary>
    public static bool HasCandidateBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Recurrence != Recurrence.Together;
    }

    /// <summary>The block of c.</summary>
    public static int CellStateBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Gates + (HasCandidateBlock ? 1 : 0);
    }

    /// <summary>The block of h before its projection; it is there in layers that project.</summary>
    public static int UnprojectedBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CellStateBlock + (TCell.HasCellState ? 1 : 0);
    }

    /// <summary>Blocks of a gradient row.</summary>
    public static int GradientBlocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Gates + (TCell.Recurrence == Recurrence.Apart ? 1 : 0);
    }

    /// <summary>How many gates, from the first on, take U·h′ plainly.</summary>
    public static int PlainGates
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Recurrence == Recurrence.Together ? TCell.Gates : TCell.Gates - 1;
    }
}
