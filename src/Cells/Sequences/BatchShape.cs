using System.Numerics;
using SpanRnn.Cells.Description;
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

    /// <summary>
    /// The row of a recurrent layer's output that the layer above reads at the end of the sequence of a sorted index; −1 if it reads the
    /// direction's final h.
    /// </summary>
    /// <param name="input">Rows that the layer above reads: <see cref="LayerInput.FinalStates"/> or the last outputs.</param>
    /// <param name="direction">Direction of the recurrent layer.</param>
    /// <param name="sortedIndex">The sorted index of the sequence.</param>
    public int LastRow(LayerInput input, Direction direction, int sortedIndex)
    {
        if (input == LayerInput.FinalStates || direction == Direction.Forward)
        {
            return -1;
        }

        int row = _layout is null ? Rows - Batch + sortedIndex : _layout.LastRow(sortedIndex);
        SequenceLayout.CheckRows(Math.Max(row, 0), row < 0 ? 0 : 1, Rows);
        return row;
    }

    /// <summary>The sequence of a sorted index, which is the same at every step.</summary>
    public int Sequence(int sortedIndex) => _layout is null ? sortedIndex : _layout.Sequence(sortedIndex);

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
