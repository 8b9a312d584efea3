using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <content>Backpropagation through time (Werbos 1990).</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    private int GradientRow => CellShape<TCell>.GradientBlocks * HiddenSize;

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(SequenceLayout layout) =>
        Carver<T>.Room((long)layout.Rows * GradientRow)
        + Carver<T>.Room((long)layout.Rows * StateSize)
        + Carver<T>.Room((long)layout.Batch * StateSize)
        + Carver<T>.Room((long)layout.Batch * CellStateSize)
        + (Projects ? Carver<T>.Room((long)layout.Rows * StateSize) + Carver<T>.Room((long)layout.Batch * HiddenSize) : 0)
        + (TCell.Recurrence == Recurrence.Gated ? Carver<T>.Room((long)layout.Batch * HiddenSize) : 0);

    // The reverse of Forward. dh and dc enter as ∂L/∂h_T, ∂L/∂c_T and leave as ∂L/∂h_0, ∂L/∂c_0. The steps only compute gradients of
    // pre-activations; what they do to weights, biases and inputs is one product over all rows after them.
    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        in LayerGradients<T> rows,
        ReadOnlySpan<T> tape,
        Span<T> dState,
        Span<T> gradients,
        Span<T> workspace)
    {
        Tape saved = Open(layout, tape);
        Carver<T> scratch = new(workspace);
        Reverse reverse = new()
        {
            PreActivations = scratch.Take(layout.Rows, GradientRow),
            PreviousH = scratch.Take(layout.Rows, StateSize),
            Dh = scratch.Take(layout.Batch, StateSize),
            Dc = scratch.Take(layout.Batch, CellStateSize),
            DyTotal = Projects ? scratch.Take(layout.Rows, StateSize) : default,
            Unprojected = Projects ? scratch.Take(layout.Batch, HiddenSize) : default,
            Gated = TCell.Recurrence == Recurrence.Gated ? scratch.Take(layout.Batch, HiddenSize) : default,
        };
        Span<T> dh = HiddenState.In(dState, layout.Batch);
        Span<T> dc = CellState is null ? default : CellState.In(dState, layout.Batch);
        SequenceRows.Sort(layout, dh, StateSize, reverse.Dh.Span);
        SequenceRows.Sort(layout, dc, CellStateSize, reverse.Dc.Span);

        for (int i = 0; i < layout.Steps; i++)
        {
            int step = Direction == Direction.Forward ? layout.Steps - 1 - i : i;
            (Segment carried, Segment started) = Segment.Of(layout, Direction, step);
            RetreatSegment(parameters, carried, place: 0, saved, rows, reverse);
            RetreatSegment(parameters, started, place: carried.Count, saved, rows, reverse);
        }

        AddParameterGradients(saved, rows, reverse, gradients);
        if (rows.Dx.Rows > 0)
        {
            MatrixProduct.MultiplyAdd(Gates(reverse.PreActivations), Weights(InputWeights, parameters), rows.Dx);
        }

        SequenceRows.Unsort(layout, reverse.Dh.Span, StateSize, dh);
        SequenceRows.Unsort(layout, reverse.Dc.Span, CellStateSize, dc);
    }

    /// <summary>One step back for the rows of a segment, which stand at <paramref name="place"/> and on in the batch.</summary>
    private void RetreatSegment(
        ReadOnlySpan<T> parameters, in Segment segment, int place, in Tape saved, in LayerGradients<T> rows, in Reverse reverse)
    {
        if (segment.Count == 0)
        {
            return;
        }

        MatrixView<T> tape = saved.Rows.RowRange(segment.First, segment.Count);
        MatrixView<T> da = reverse.PreActivations.RowRange(segment.First, segment.Count);
        MatrixView<T> dh = reverse.Dh.RowRange(place, segment.Count);
        MatrixView<T> dc = reverse.Dc.RowRange(place, segment.Count);
        MatrixView<T> previousH = PreviousH(saved, rows.Y, segment);
        MatrixView<T> previousC = PreviousC(saved, segment);

        // ∂L/∂h of this step: what comes from above and what comes from the step after.
        MatrixProduct.Add(rows.Dy.RowRange(segment.First, segment.Count), dh);
        for (int row = 0; row < segment.Count; row++)
        {
            previousH.Row(row).CopyTo(reverse.PreviousH.Row(segment.First + row));
        }

        MatrixView<T> dUnits = dh;
        if (ProjectionWeights is not null)
        {
            for (int row = 0; row < segment.Count; row++)
            {
                dh.Row(row).CopyTo(reverse.DyTotal.Row(segment.First + row));
            }

            dUnits = reverse.Unprojected.RowRange(place, segment.Count);
            MatrixProduct.Multiply(dh, Weights(ProjectionWeights, parameters), dUnits);
            dh.Span.Clear();
        }

        UnitLoop.Run<T, BackwardUnits<T, TCell>>(
            new BackwardUnits<T, TCell>(tape, da, previousH, previousC, dUnits, dc, HiddenSize), segment.Count, HiddenSize);

        MatrixView<T> recurrent = Weights(RecurrentWeights, parameters);
        MatrixView<T> lastGate = recurrent.RowRange(PlainRows, GateRows - PlainRows);
        if (TCell.Recurrence == Recurrence.Gated)
        {
            MatrixView<T> dGated = reverse.Gated.RowRange(place, segment.Count);
            MatrixProduct.Multiply(LastGate(da), lastGate, dGated);
            UnitLoop.Run<T, ResetBackwardUnits<T, TCell>>(
                new ResetBackwardUnits<T, TCell>(tape, da, previousH, dGated, dh), segment.Count, HiddenSize);
        }
        else if (TCell.Recurrence == Recurrence.Apart)
        {
            MatrixProduct.MultiplyAdd(Candidate(da), lastGate, dh);
        }

        MatrixProduct.MultiplyAdd(PlainGates(da), recurrent.RowRange(0, PlainRows), dh);
    }

    // The recurrent side of the last gate has its gradient in a block of its own where it is apart, and another factor, the gated
    // state, where that is gated.
    private void AddParameterGradients(in Tape saved, in LayerGradients<T> rows, in Reverse reverse, Span<T> gradients)
    {
        MatrixView<T> da = reverse.PreActivations;
        MatrixProduct.MultiplyAdd(Gates(da).Transposed, rows.X, Weights(InputWeights, gradients));

        MatrixView<T> recurrent = Weights(RecurrentWeights, gradients);
        MatrixView<T> lastGate = recurrent.RowRange(PlainRows, GateRows - PlainRows);
        MatrixProduct.MultiplyAdd(PlainGates(da).Transposed, reverse.PreviousH, recurrent.RowRange(0, PlainRows));
        if (TCell.Recurrence == Recurrence.Apart)
        {
            MatrixProduct.MultiplyAdd(Candidate(da).Transposed, reverse.PreviousH, lastGate);
        }
        else if (TCell.Recurrence == Recurrence.Gated)
        {
            MatrixProduct.MultiplyAdd(LastGate(da).Transposed, Candidate(saved.Rows), lastGate);
        }

        if (InputBias is not null && RecurrentBias is not null)
        {
            Span<T> recurrentBias = RecurrentBias.In(gradients);
            MatrixProduct.AddColumnSums(Gates(da), InputBias.In(gradients));
            MatrixProduct.AddColumnSums(PlainGates(da), recurrentBias[..PlainRows]);
            if (TCell.Recurrence != Recurrence.Together)
            {
                MatrixView<T> dCandidate = TCell.Recurrence == Recurrence.Apart ? Candidate(da) : LastGate(da);
                MatrixProduct.AddColumnSums(dCandidate, recurrentBias[PlainRows..]);
            }
        }

        if (ProjectionWeights is not null)
        {
            MatrixProduct.MultiplyAdd(reverse.DyTotal.Transposed, Unprojected(saved.Rows), Weights(ProjectionWeights, gradients));
        }
    }

    /// <summary>The pieces of the workspace.</summary>
    private readonly ref struct Reverse
    {
        /// <summary>Gradients of pre-activations, [R, gradient row].</summary>
        public required MatrixView<T> PreActivations { get; init; }

        /// <summary>h of the step before every row, [R, P].</summary>
        public required MatrixView<T> PreviousH { get; init; }

        /// <summary>∂L/∂h on its way back, [N, P], the longest sequence first.</summary>
        public required MatrixView<T> Dh { get; init; }

        /// <summary>∂L/∂c on its way back, [N, H].</summary>
        public required MatrixView<T> Dc { get; init; }

        /// <summary>∂L/∂h of every row where it is projected, [R, P].</summary>
        public required MatrixView<T> DyTotal { get; init; }

        /// <summary>Gradient of h before its projection, [N, H].</summary>
        public required MatrixView<T> Unprojected { get; init; }

        /// <summary>Gradient of the gated state, [N, H].</summary>
        public required MatrixView<T> Gated { get; init; }
    }
}
