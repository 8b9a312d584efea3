using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// Rows of the first operand A of a product: either A itself, whose rows are contiguous, or a copy of a transposed A. In the copy the
/// numbers that a group of rows has in one column are adjacent.
/// </summary>
internal readonly ref struct OperandA<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ref T _origin;
    private readonly nint _groupStride;

    private OperandA(ref T origin, nint groupStride, nint rowStride, nint columnStride)
    {
        _origin = ref origin;
        _groupStride = groupStride;
        RowStride = rowStride;
        ColumnStride = columnStride;
    }

    /// <summary>Uses A itself.</summary>
    public OperandA(MatrixView<T> a)
        : this(ref a.Origin, 0, a.RowStride, a.ColumnStride)
    {
    }

    /// <summary>
    /// Rows of a group of a copy: as many as two of the highest tiles have, since no tile crosses from one group to the next.
    /// </summary>
    public const int Group = 2 * Tile<T>.Highest;

    /// <summary>Distance from a row to the next row of the same group.</summary>
    public nint RowStride { get; }

    /// <summary>Distance from a column to the next.</summary>
    public nint ColumnStride { get; }

    /// <summary>Length of the memory of a copy.</summary>
    public static int Length(int rows, int columns) => (rows + Group - 1) / Group * GroupLength(columns);

    /// <summary>
    /// Distance from a group to the next. A gap of one cache line keeps groups of 2ⁿ columns from evicting each other from the cache.
    /// </summary>
    public static int GroupLength(int columns) => (Group * columns) + (64 / Unsafe.SizeOf<T>());

    /// <summary>Element (<paramref name="row"/>, <paramref name="column"/>).</summary>
    /// <typeparam name="TColumn">Distance from a column to the next: one, or twelve in a copy.</typeparam>
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static OperandA<T> Pack(MatrixView<T> a, Span<T> memory)
    {
        Debug.Assert(a.RowStride == 1 && memory.Length >= Length(a.Rows, a.Columns), "A is not transposed, or its copy does not fit.");

        // As many columns as fill a cache line are written to a group at a time. Column by column, every group would be on a page of its
        // own: more pages at a time than the page tables' cache of a processor holds.
        int block = 64 / Unsafe.SizeOf<T>();
        nint stride = GroupLength(a.Columns);
        for (int first = 0; first < a.Columns; first += block)
        {
            int columns = Math.Min(block, a.Columns - first);
            ref T group = ref Unsafe.Add(ref MemoryMarshal.GetReference(memory), first * Group);
            for (int row = 0; row < a.Rows; row += Group)
            {
                ref T from = ref a.At(row, first);
                ref T to = ref group;
                int rows = Math.Min(Group, a.Rows - row);
                for (int column = 0; column < columns; column++)
                {
                    if (rows == Group)
                    {
                        Unsafe.As<T, Twelve>(ref to) = Unsafe.As<T, Twelve>(ref from);
                    }
                    else
                    {
                        for (int i = 0; i < rows; i++)
                        {
                            Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
                        }
                    }

                    from = ref Unsafe.Add(ref from, a.ColumnStride);
                    to = ref Unsafe.Add(ref to, Group);
                }

                group = ref Unsafe.Add(ref group, stride);
            }
        }

        return new(ref MemoryMarshal.GetReference(memory), GroupLength(a.Columns), 1, Group);
    }

    /// <summary>Numbers that a group has in one column, copied as one value in as many registers as they fill.</summary>
    [InlineArray(Group)]
    private struct Twelve
    {
        private T _first;
    }
}
