using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// Rows of the left-hand side A of a product: either A itself, whose rows are contiguous, or a copy of a transposed A, in which the
/// numbers that one column of A gives to a group of rows stand together.
/// </summary>
internal readonly ref struct LeftBlock<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ref T _origin;
    private readonly nint _groupStride;

    private LeftBlock(ref T origin, nint groupStride, nint rowStride, nint columnStride)
    {
        _origin = ref origin;
        _groupStride = groupStride;
        RowStride = rowStride;
        ColumnStride = columnStride;
    }

    /// <summary>A as it stands.</summary>
    public LeftBlock(MatrixView<T> a)
        : this(ref a.Origin, 0, a.RowStride, a.ColumnStride)
    {
    }

    /// <summary>Rows of a group of a copy: those of two of the highest tiles, since no tile crosses from one group to the next.</summary>
    public const int Group = 2 * Tile<T>.Highest;

    /// <summary>From a row to the next of the same group.</summary>
    public nint RowStride { get; }

    /// <summary>From a column to the next.</summary>
    public nint ColumnStride { get; }

    /// <summary>Numbers that a copy takes.</summary>
    public static int Length(int rows, int columns) => (rows + Group - 1) / Group * GroupLength(columns);

    /// <summary>From a group to the next. The gap of a line keeps groups of 2ⁿ columns out of each other's places in the cache.</summary>
    public static int GroupLength(int columns) => (Group * columns) + (64 / Unsafe.SizeOf<T>());

    /// <summary>Element (<paramref name="row"/>, <paramref name="column"/>).</summary>
    /// <typeparam name="TColumn">From a column to the next: one, or twelve in a copy.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At<TColumn>(int row, int column)
        where TColumn : struct
    {
        if (Unsafe.SizeOf<TColumn>() == 1)
        {
            return ref Unsafe.Add(ref _origin, (row * RowStride) + column);
        }

        (int group, int rest) = Math.DivRem(row, Group);
        return ref Unsafe.Add(ref _origin, (group * _groupStride) + rest + ((nint)column * Group));
    }

    /// <summary>Copies a transposed A into <paramref name="memory"/> of <see cref="Length"/> numbers.</summary>
    public static LeftBlock<T> Pack(MatrixView<T> a, Span<T> memory)
    {
        Debug.Assert(a.RowStride == 1 && memory.Length >= Length(a.Rows, a.Columns), "A is not transposed, or its copy has no room.");
        Widest.Run<T, PackLeftKernel<T>>(new PackLeftKernel<T>(a, memory));
        return new(ref MemoryMarshal.GetReference(memory), GroupLength(a.Columns), 1, Group);
    }
}
