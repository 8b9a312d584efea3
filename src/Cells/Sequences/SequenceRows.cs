using System.Runtime.CompilerServices;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Sequences;

/// <summary>Copies between the caller's padded, time-major arrays and the live rows of a <see cref="SequenceLayout"/>.</summary>
internal static class SequenceRows
{
    /// <summary>rows [R, size] ← the live steps of padded [T, N, size]; padding is not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather<T>(SequenceLayout layout, ReadOnlySpan<T> padded, int size, Span<T> rows)
    {
        if (layout.IsUnpadded)
        {
            padded.CopyTo(rows);
            return;
        }

        int row = 0;
        for (int step = 0; step < layout.Steps; step++)
        {
            for (int sortedIndex = 0; sortedIndex < layout.Live(step); sortedIndex++, row++)
            {
                padded.Slice(PaddedRow(layout, step, sortedIndex) * size, size).CopyTo(rows[(row * size)..]);
            }
        }
    }

    /// <summary>padded [T, N, size] ← rows [R, size], zeros in the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter<T>(SequenceLayout layout, MatrixView<T> rows, Span<T> padded)
    {
        int size = rows.Columns;
        if (layout.IsUnpadded)
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
            for (int sortedIndex = 0; sortedIndex < layout.Live(step); sortedIndex++, row++)
            {
                SequenceLayout.CheckRows(row, 1, rows.Rows);
                rows.Row(row).CopyTo(padded[(PaddedRow(layout, step, sortedIndex) * size)..]);
            }
        }
    }

    /// <summary>sorted [N, size] ← states [N, size] by sorted index, the longest sequence first.</summary>
    public static void Sort<T>(SequenceLayout layout, ReadOnlySpan<T> states, int size, Span<T> sorted)
    {
        for (int sortedIndex = 0; sortedIndex < layout.Batch; sortedIndex++)
        {
            states.Slice(layout.Sequence(sortedIndex) * size, size).CopyTo(sorted[(sortedIndex * size)..]);
        }
    }

    /// <summary>states [N, size] ← sorted [N, size] in the caller's order.</summary>
    public static void Unsort<T>(SequenceLayout layout, ReadOnlySpan<T> sorted, int size, Span<T> states)
    {
        for (int sortedIndex = 0; sortedIndex < layout.Batch; sortedIndex++)
        {
            sorted.Slice(sortedIndex * size, size).CopyTo(states[(layout.Sequence(sortedIndex) * size)..]);
        }
    }

    /// <summary>The row of the caller's [T, N] arrays.</summary>
    private static int PaddedRow(SequenceLayout layout, int step, int sortedIndex) => (step * layout.Batch) + layout.Sequence(sortedIndex);
}
