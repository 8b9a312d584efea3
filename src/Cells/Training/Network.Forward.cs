using SpanRnn.Cells.Sequences;
using SpanRnn.Cells.Training.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <content>Whole sequences forward.</content>
public sealed partial class Network<T>
{
    /// <summary>Runs whole sequences and keeps on the tape what <see cref="Backward"/> needs.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="layout">Steps T, batch N and the length of each sequence.</param>
    /// <param name="x">[T, N, I] in, time-major; steps beyond a sequence's length are not read.</param>
    /// <param name="state">
    /// [StateLength(N)] in and out: enters as the initial state and leaves as the final state, which each sequence has after its own last
    /// step.
    /// </param>
    /// <param name="y">
    /// [T, N, O] out, zeros beyond a sequence's length; with a head on the last step [N, O]. A sequence of length 0 does not change its
    /// state, and the head reads this state.
    /// </param>
    /// <param name="tape">[TapeLength(layout)] out.</param>
    /// <param name="workspace">[WorkspaceLength(layout)] undefined before and after.</param>
    /// <param name="dropout">Masks drawn for this layout; null for none.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or an output shares memory with another argument; nothing has been written then.
    /// </exception>
    /// <remarks>Allocates nothing. The input projection of all steps is one product before the recurrence.</remarks>
    public void Forward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        ReadOnlySpan<T> x,
        Span<T> state,
        Span<T> y,
        Span<T> tape,
        Span<T> workspace,
        Dropout<T>? dropout = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length(x, Spec.InputLength(layout.Steps, layout.Batch), "Spec.InputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(state, StateLength(layout.Batch), "StateLength(layout.Batch)");
        Guard.Length<T>(y, Spec.OutputLength(layout.Steps, layout.Batch), "Spec.OutputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(tape, TapeLength(layout), "TapeLength(layout)");
        Guard.Length<T>(workspace, WorkspaceLength(layout), "WorkspaceLength(layout)");
        Guard.NoOverlap(state, parameters, x);
        Guard.NoOverlap(y, parameters, x, state);
        Guard.NoOverlap(tape, parameters, x, state, y);
        Guard.NoOverlap(workspace, parameters, x, state, y, tape);
        Check(dropout, layout);

        SequenceRows.Gather(layout, x, Spec.InputSize, Level(layout, tape, 0).Span);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            Arena<T> scratch = new(workspace);
            MatrixView<T> below = Masked(Input(layout, tape, layer), dropout, layer, ref scratch);
            MatrixView<T> output = Level(layout, tape, layer + 1);
            if (_dense[layer] is { } dense)
            {
                dense.Forward(parameters, below, output, tape[(int)TapeOffset(layout, layer, 0)..], scratch.Rest);
                continue;
            }

            for (int direction = 0; direction < _layers[layer].Length; direction++)
            {
                RecurrentDriver<T> driver = _layers[layer][direction];
                Span<T> kept = tape[(int)TapeOffset(layout, layer, direction)..];
                MatrixView<T> mask = dropout is null ? default : dropout.Recurrent(layer, direction);
                driver.Forward(parameters, layout, below, mask, state, DirectionColumns(output, layer, direction), kept, scratch.Rest);
            }

            if (ReadsLastStates(layer + 1))
            {
                CopyLastStates(layout, state, output, LastStates(layout, tape));
            }
        }

        MatrixView<T> answers = Input(layout, tape, _layers.Length);
        if (_dense[^1] is { } head)
        {
            Arena<T> scratch = new(workspace);
            MatrixView<T> rows = head.NeedsOutput
                ? Level(layout, tape, _layers.Length + 1)
                : scratch.Take(answers.Rows, Spec.OutputSize);
            head.Forward(parameters, answers, rows, tape[(int)TapeOffset(layout, _layers.Length, 0)..], scratch.Rest);
            answers = rows;
        }

        if (Spec.IsManyToOne)
        {
            answers.Span.CopyTo(y);
        }
        else
        {
            SequenceRows.Scatter(layout, answers, y);
            SequenceRows.AddFirst(layout, x, Spec.InputSize, y, Spec.OutputSize, Spec.Head?.Skip ?? 0);
        }
    }

    private void CopyLastStates(SequenceLayout layout, ReadOnlySpan<T> state, MatrixView<T> output, MatrixView<T> last)
    {
        for (int direction = 0; direction < _layers[Spec.LastRecurrent].Length; direction++)
        {
            MatrixView<T> columns = DirectionColumns(last, Spec.LastRecurrent, direction);
            ReadOnlySpan<T> h = LastHidden(direction).In(state, layout.Batch);
            MatrixView<T> given = DirectionColumns(output, Spec.LastRecurrent, direction);
            for (int sortedIndex = 0; sortedIndex < layout.Batch; sortedIndex++)
            {
                int sequence = layout.Sequence(sortedIndex);
                int row = Spec.ReadsLastOutput(direction) ? layout.LastRow(sortedIndex) : -1;
                (row < 0 ? h.Slice(sequence * columns.Columns, columns.Columns) : given.Row(row)).CopyTo(columns.Row(sequence));
            }
        }
    }

    // The input of a layer after dropout. Backward computes it again, so the tape does not hold it.
    private MatrixView<T> Masked(MatrixView<T> below, Dropout<T>? dropout, int layer, ref Arena<T> scratch)
    {
        MatrixView<T> mask = Between(dropout, layer);
        if (mask.Rows == 0)
        {
            return below;
        }

        MatrixView<T> masked = scratch.Take(below.Rows, below.Columns);
        MatrixProduct.MultiplyElements(below, mask, masked);
        return masked;
    }

    // The mask of a layer's input; no rows if there is none. The head has none.
    private MatrixView<T> Between(Dropout<T>? dropout, int layer) =>
        dropout is null || layer == _layers.Length ? default : dropout.Between(layer);

    private void Check(Dropout<T>? dropout, SequenceLayout layout)
    {
        if (dropout is not null && !dropout.Fits(Spec, layout))
        {
            throw new ArgumentException(
                "'dropout' has masks of another network or batch, expected masks drawn for this one.", nameof(dropout));
        }
    }

    /// <summary>The columns of a layer's output that belong to one direction.</summary>
    private MatrixView<T> DirectionColumns(MatrixView<T> rows, int layer, int direction)
    {
        int size = Spec.Layers[layer].StateSize;
        return rows.ColumnRange(direction * size, size);
    }

    private StateSlot LastHidden(int direction) =>
        Spec.State(Spec.LastRecurrent, Spec.Layers[Spec.LastRecurrent].Directions[direction], StateKind.Hidden)!;
}
