using System.Runtime.CompilerServices;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// Blocks of a row of the tape and of a row of gradients; every block has H numbers, one for each unit.
/// </summary>
/// <remarks>
/// Tape row: gates g0 … | u, the candidate's recurrent product (apart) or the gated state (gated) | c | h before its projection.
/// Gradient row: gradients of pre-activations | gradient of the candidate's recurrent product (apart).
/// </remarks>
internal static class CellShape<TCell>
    where TCell : struct, ICell
{
    /// <summary>The block of u, or of the gated state, if <see cref="HasCandidateBlock"/> is true.</summary>
    public static int CandidateBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Gates;
    }

    /// <summary>True if the recurrent side of the candidate has a block of its own.</summary>
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

    /// <summary>The block of h before its projection, in layers that project.</summary>
    public static int UnprojectedBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CellStateBlock + (TCell.HasCellState ? 1 : 0);
    }

    /// <summary>Number of blocks in a gradient row.</summary>
    public static int GradientBlocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Gates + (TCell.Recurrence == Recurrence.Apart ? 1 : 0);
    }

    /// <summary>Number of gates, from the first on, that take U·h′ plainly.</summary>
    public static int PlainGates
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Recurrence == Recurrence.Together ? TCell.Gates : TCell.Gates - 1;
    }
}
