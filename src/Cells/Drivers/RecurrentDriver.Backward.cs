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
        + (TCell.Recurrence == Recurrence.Gated ? Carver<T>.Room((long)layout.Batch * HiddenSize) : 0)
        + PackedRoom(StateSize, PlainRows)
        + PackedRoom(StateSize, GateRows - PlainRows)
        + (Projects ? PackedRoom(HiddenSize, StateSize) : 0)
        + ProductLength(layout);

    /// <summary>Numbers in the workspace of the largest product after the steps.</summary>
    private int ProductLength(SequenceLayout layout)
    {
        int widest = Math.Max(Math.Max(InputSize, StateSize), Projects ? HiddenSize : 0);
        int inputGradient = MatrixProduct.WorkspaceLength<T>(layout.Rows, GateRows, InputSize);
        return Math.Max(inputGradient, MatrixProduct.WorkspaceLength<T>(Math.Max(GateRows, StateSize), layout.Rows, widest));
    }

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
            Plain = Pack(PlainRecurrent(parameters).Transposed, ref scratch),
            LastGate = Pack(LastRecurrent(parameters).Transposed, ref scratch),
            Projection = ProjectionWeights is null
                ? default
                : Pack(Weights(ProjectionWeights, parameters).Transposed, ref scratch),
        };
        Span<T> product = scratch.Rest;
        Span<T> dh = HiddenState.In(dState, layout.Batch);
        Span<T> dc = CellState is null ? default : CellState.In(dState, layout.Batch);
        SequenceRows.Sort(layout, dh, StateSize, reverse.Dh.Span);
        SequenceRows.Sort(layout, dc, CellStateSize, reverse.Dc.Span);

        for (int i = 0; i < layout.Steps; i++)
        {
            int step = Direction == Direction.Forward ? layout.Steps - 1 - i : i;
            (Segment carried, Segment started) = Segment.Of(layout, Direction, step);
            RetreatSegment(carried, place: 0, saved, rows, reverse);
            RetreatSegment(started, place: carried.Count, saved, rows, reverse);
        }

        AddParameterGradients(saved, rows, reverse, gradients, product);
        if (rows.Dx.Rows > 0)
        {
            MatrixProduct.MultiplyAdd(Gates(reverse.PreActivations), Weights(InputWeights, parameters), rows.Dx, product);
        }

        SequenceRows.Unsort(layout, reverse.Dh.Span, StateSize, dh);
        SequenceRows.Unsort(layout, reverse.Dc.Span, CellStateSize, dc);
    }

    /// <summary>One step back for the rows of a segment, which stand at <paramref name="place"/> and on in the batch.</summary>
    private void RetreatSegment(in Segment segment, int place, in Tape saved, in LayerGradients<T> rows, in Reverse reverse)
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
        if (Projects)
        {
            for (int row = 0; row < segment.Count; row++)
            {
                dh.Row(row).CopyTo(reverse.DyTotal.Row(segment.First + row));
            }

            dUnits = reverse.Unprojected.RowRange(place, segment.Count);
            MatrixProduct.Multiply(dh, reverse.Projection, dUnits);
            dh.Span.Clear();
        }

        UnitLoop.Run<T, BackwardUnits<T, TCell>>(
            new BackwardUnits<T, TCell>(tape, da, previousH, previousC, dUnits, dc, HiddenSize), segment.Count, HiddenSize);

        if (TCell.Recurrence == Recurrence.Gated)
        {
            MatrixView<T> dGated = reverse.Gated.RowRange(place, segment.Count);
            MatrixProduct.Multiply(LastGate(da), reverse.LastGate, dGated);
            UnitLoop.Run<T, ResetBackwardUnits<T, TCell>>(
                new ResetBackwardUnits<T, TCell>(tape, da, previousH, dGated, dh), segment.Count, HiddenSize);
        }
        else if (TCell.Recurrence == Recurrence.Apart)
        {
            MatrixProduct.MultiplyAdd(Candidate(da), reverse.LastGate, dh);
        }

        MatrixProduct.MultiplyAdd(PlainGates(da), reverse.Plain, dh);
    }

    // The recurrent side of the last gate has its gradient in a block of its own where it is apart, and another factor, the gated
    // state, where that is gated.
    private void AddParameterGradients(in Tape saved, in LayerGradients<T> rows, in Reverse reverse, Span<T> gradients, Span<T> product)
    {
        MatrixView<T> da = reverse.PreActivations;
        MatrixProduct.MultiplyAdd(Gates(da).Transposed, rows.X, Weights(InputWeights, gradients), product);

        MatrixProduct.MultiplyAdd(PlainGates(da).Transposed, reverse.PreviousH, PlainRecurrent(gradients), product);
        if (TCell.Recurrence == Recurrence.Apart)
        {
            MatrixProduct.MultiplyAdd(Candidate(da).Transposed, reverse.PreviousH, LastRecurrent(gradients), product);
        }
        else if (TCell.Recurrence == Recurrence.Gated)
        {
            MatrixProduct.MultiplyAdd(LastGate(da).Transposed, Candidate(saved.Rows), LastRecurrent(gradients), product);
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
            MatrixProduct.MultiplyAdd(reverse.DyTotal.Transposed, Unprojected(saved.Rows), Weights(ProjectionWeights, gradients), product);
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

        /// <summary>The rows of U whose product enters plainly, for da·U.</summary>
        public required Panels<T> Plain { get; init; }

        /// <summary>The rows of U of a last gate whose product does not.</summary>
        public required Panels<T> LastGate { get; init; }

        /// <summary>The projection of a layer that has one.</summary>
        public required Panels<T> Projection { get; init; }
    }
}
