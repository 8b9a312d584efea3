using System.Numerics;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Sequences;

/// <summary>The live rows of a batch: the rows of a <see cref="SequenceLayout"/>, or some steps of streams that all live.</summary>
/// <remarks>
/// Sizes are copied from the layout when a call begins, and every range of rows is checked against them. Kernels do not check, and another
/// thread may wrongly set the layout during the call.
/// </remarks>
internal readonly struct BatchShape
{
    private readonly SequenceLayout? _layout;

    /// <summary>Takes the shape of <paramref name="layout"/>.</summary>
    public BatchShape(SequenceLayout layout)
    {
        _layout = layout;
        Steps = layout.Steps;
        Batch = layout.Batch;
        Rows = layout.Rows;
    }

    /// <summary>Takes <paramref name="steps"/> steps of <paramref name="streams"/> streams.</summary>
    public BatchShape(int steps, int streams)
    {
        Steps = steps;
        Batch = streams;
        Rows = checked(steps * streams);
    }

    /// <summary>T, the number of steps.</summary>
    public int Steps { get; }

    /// <summary>N, the number of sequences or streams.</summary>
    public int Batch { get; }

    /// <summary>R, the number of live rows: the sum of all lengths.</summary>
    public int Rows { get; }

    /// <summary>Number of rows that are alive at a step.</summary>
    public int Live(int step) => _layout is null ? Math.Min(Rows, Batch) : SequenceLayout.CheckRows(0, _layout.Live(step), Batch);

    /// <summary>The first row of a step that has <paramref name="live"/> live rows.</summary>
    public int First(int step, int live)
    {
        int first = _layout is null ? step * Batch : _layout.Offset(step);
        SequenceLayout.CheckRows(first, live, Rows);
        return first;
    }

    /// <summary>The sequence of a sorted index, which is the same at every step.</summary>
    public int Sequence(int sortedIndex) => _layout is null ? sortedIndex : _layout.Sequence(sortedIndex);

    /// <summary>Copies the steps of one sequence.</summary>
    /// <param name="rows">[R, size] in.</param>
    /// <param name="sortedIndex">The sorted index of the sequence.</param>
    /// <param name="steps">[T, size] out.</param>
    /// <returns>The first rows of <paramref name="steps"/>, as many as the sequence has steps.</returns>
    public MatrixView<T> GatherSequence<T>(MatrixView<T> rows, int sortedIndex, MatrixView<T> steps)
    {
        int length = 0;
        for (int live = Live(0); length < Steps && live > sortedIndex; live = Live(++length))
        {
            rows.Row(First(length, live) + sortedIndex).CopyTo(steps.Row(length));
        }

        return steps.RowRange(0, length);
    }

    /// <summary>rows [R, size] ← the steps of one sequence in their places.</summary>
    public void ScatterSequence<T>(MatrixView<T> steps, int sortedIndex, MatrixView<T> rows)
    {
        for (int step = 0; step < steps.Rows; step++)
        {
            steps.Row(step).CopyTo(rows.Row(First(step, Live(step)) + sortedIndex));
        }
    }

    /// <summary>Returns the live rows of a padded [T, N, size]: the array itself for steps of streams, else a copy.</summary>
    /// <param name="padded">[T, N, size] in; padding is not read.</param>
    /// <param name="size">Numbers in a row.</param>
    /// <param name="copy">[R, size] out, if rows are copied.</param>
    public ReadOnlySpan<T> Gather<T>(ReadOnlySpan<T> padded, int size, Span<T> copy)
    {
        if (_layout is null)
        {
            return padded;
        }

        SequenceRows.Gather(_layout, padded, size, copy);
        return copy;
    }

    /// <summary>padded [T, N, size] ← rows [R, size], zeros in the padding.</summary>
    public void Scatter<T>(MatrixView<T> rows, Span<T> padded)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_layout is null)
        {
            MatrixProduct.Copy(rows, new MatrixView<T>(padded, rows.Rows, rows.Columns));
        }
        else
        {
            SequenceRows.Scatter(_layout, rows, padded);
        }
    }
}
