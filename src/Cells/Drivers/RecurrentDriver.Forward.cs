using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <content>Whole sequences forward.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <inheritdoc/>
    public override long ForwardWorkspaceLength =>
        PackedRoom(GateRows, InputSize)
        + PackedRoom(PlainRows, StateSize)
        + PackedRoom(GateRows - PlainRows, StateSize)
        + (Projects ? PackedRoom(StateSize, HiddenSize) : 0);

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

        // Packed once, the weights serve all steps.
        Carver<T> scratch = new(workspace);
        Panels<T> input = Pack(Weights(InputWeights, parameters), ref scratch);
        StepWeights<T> weights = new()
        {
            Plain = Pack(PlainRecurrent(parameters), ref scratch),
            LastGate = Pack(LastRecurrent(parameters), ref scratch),
            Projection = ProjectionWeights is null ? default : Pack(Weights(ProjectionWeights, parameters), ref scratch),
        };

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
            AdvanceSegment(carried, saved, weights, y);
            AdvanceSegment(started, saved, weights, y);
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

    private void AdvanceSegment(in Segment segment, in Tape saved, StepWeights<T> weights, MatrixView<T> y)
    {
        if (segment.Count > 0)
        {
            Advance(
                saved.Rows.RowRange(segment.First, segment.Count),
                PreviousH(saved, y, segment),
                PreviousC(saved, segment),
                weights,
                y.RowRange(segment.First, segment.Count));
        }
    }
}
