using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <content>Whole sequences forward.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <inheritdoc/>
    public override long ForwardWorkspaceLength =>
        Carver<T>.Room((long)InputSize * GateRows)
        + Carver<T>.Room((long)StateSize * GateRows)
        + (Projects ? Carver<T>.Room((long)HiddenSize * StateSize) : 0);

    /// <inheritdoc/>
    public override void Forward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        MatrixView<T> x,
        Span<T> state,
        MatrixView<T> y,
        Span<T> tape,
        Span<T> workspace)
    {
        Tape saved = Open(layout, tape);
        Span<T> h = HiddenState.In(state, layout.Batch);
        Span<T> c = CellState is null ? default : CellState.In(state, layout.Batch);
        SequenceRows.Sort(layout, h, StateSize, saved.InitialH.Span);
        SequenceRows.Sort(layout, c, CellStateSize, saved.InitialC.Span);

        // Transposed once, the weights serve all steps as the right-hand side of a plain product.
        Carver<T> scratch = new(workspace);
        MatrixView<T> input = Transpose(InputWeights, parameters, ref scratch);
        MatrixView<T> recurrent = Transpose(RecurrentWeights, parameters, ref scratch);
        MatrixView<T> projection = ProjectionWeights is null ? default : Transpose(ProjectionWeights, parameters, ref scratch);

        for (int row = 0; row < layout.Rows; row++)
        {
            if (row == 0)
            {
                WriteBias(parameters, saved.Rows.Row(0));
            }
            else
            {
                saved.Rows.Row(0).CopyTo(saved.Rows.Row(row));
            }
        }

        MatrixProduct.MultiplyAdd(x, input, Gates(saved.Rows));
        for (int i = 0; i < layout.Steps; i++)
        {
            int step = Direction == Direction.Forward ? i : layout.Steps - 1 - i;
            (Segment carried, Segment started) = Segment.Of(layout, Direction, step);
            AdvanceSegment(carried, saved, recurrent, projection, y);
            AdvanceSegment(started, saved, recurrent, projection, y);
        }

        for (int place = 0; place < layout.Batch; place++)
        {
            int sequence = layout.Sequence(place);
            int length = layout.Length(sequence);
            if (length > 0)
            {
                int row = layout.Offset(Direction == Direction.Forward ? length - 1 : 0) + place;
                y.Row(row).CopyTo(h[(sequence * StateSize)..]);
                if (TCell.HasCellState)
                {
                    CellStates(saved.Rows).Row(row).CopyTo(c[(sequence * CellStateSize)..]);
                }
            }
        }
    }

    private static MatrixView<T> Transpose(ParameterSlot slot, ReadOnlySpan<T> parameters, ref Carver<T> scratch)
    {
        Span<T> transposed = scratch.Take(slot.Length);
        MatrixTranspose.Run(slot.In(parameters), slot.Rows, slot.Columns, transposed);
        return new MatrixView<T>(transposed, slot.Columns, slot.Rows);
    }

    private void AdvanceSegment(in Segment segment, in Tape saved, MatrixView<T> recurrent, MatrixView<T> projection, MatrixView<T> y)
    {
        if (segment.Count > 0)
        {
            Advance(
                saved.Rows.RowRange(segment.First, segment.Count),
                PreviousH(saved, y, segment),
                PreviousC(saved, segment),
                recurrent,
                projection,
                y.RowRange(segment.First, segment.Count));
        }
    }
}
