using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Sequences;

/// <summary>Between the caller's padded, time-major arrays and the live rows of a <see cref="SequenceLayout"/>.</summary>
internal static class SequenceRows
{
    /// <summary>rows [R, size] ← the live steps of padded [T, N, size]; padding is not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather<T>(SequenceLayout layout, ReadOnlySpan<T> padded, int size, Span<T> rows)
    {
        if (layout.Dense)
        {
            padded.CopyTo(rows);
            return;
        }

        int row = 0;
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int place = 0; place < layout.Live(step); place++, row++)
            {
                padded.Slice(Place(layout, step, place) * size, size).CopyTo(rows[(row * size)..]);
            }
        }
    }

    /// <summary>padded [T, N, size] ← rows [R, size], zeros in the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter<T>(SequenceLayout layout, MatrixView<T> rows, Span<T> padded)
    {
        int size = rows.Columns;
        if (layout.Dense)
        {
            for (int i = 0; i < rows.Rows; i++)
            {
                rows.Row(i).CopyTo(padded[(i * size)..]);
            }

            return;
        }

        padded.Clear();
        int row = 0;
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int place = 0; place < layout.Live(step); place++, row++)
            {
                SequenceLayout.CheckRows(row, 1, rows.Rows);
                rows.Row(row).CopyTo(padded[(Place(layout, step, place) * size)..]);
            }
        }
    }

    /// <summary>to [T, N, size] += from [T, N, its size] in the first <paramref name="count"/> numbers of every live step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddFirst<T>(SequenceLayout layout, ReadOnlySpan<T> from, int fromSize, Span<T> to, int size, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int step = 0; count > 0 && step < layout.Steps; step++)
        {
            for (int place = 0; place < layout.Live(step); place++)
            {
                int row = Place(layout, step, place);
                MatrixProduct.Add(
                    new MatrixView<T>(from.Slice(row * fromSize, count), 1, count),
                    new MatrixView<T>(to.Slice(row * size, count), 1, count));
            }
        }
    }

    /// <summary>sorted [N, size] ← states [N, size] in the order of the layout's places.</summary>
    public static void Sort<T>(SequenceLayout layout, ReadOnlySpan<T> states, int size, Span<T> sorted)
    {
        for (int place = 0; place < layout.Batch; place++)
        {
            states.Slice(layout.Sequence(place) * size, size).CopyTo(sorted[(place * size)..]);
        }
    }

    /// <summary>states [N, size] ← sorted [N, size] put back in the caller's order.</summary>
    public static void Unsort<T>(SequenceLayout layout, ReadOnlySpan<T> sorted, int size, Span<T> states)
    {
        for (int place = 0; place < layout.Batch; place++)
        {
            sorted.Slice(place * size, size).CopyTo(states[(layout.Sequence(place) * size)..]);
        }
    }

    private static int Place(SequenceLayout layout, int step, int place) => (step * layout.Batch) + layout.Sequence(place);
}
