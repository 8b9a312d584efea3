using System.Numerics;
using SpanRnn.Core.Memory;

namespace SpanRnn.Core.Matrices;

/// <summary>Matrices out of an arena, which itself knows numbers alone.</summary>
internal static class MatrixArena
{
    /// <summary>Takes the next rows × columns numbers as a matrix.</summary>
    public static MatrixView<T> Take<T>(this scoped ref Arena<T> arena, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new(arena.Take(rows * columns), rows, columns);
}
