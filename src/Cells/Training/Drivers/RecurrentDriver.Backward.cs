using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;
using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>Backpropagation through time (Werbos 1990).</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    private int GradientRow => CellShape<TCell>.GradientBlocks * HiddenSize;

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(SequenceLayout layout) =>
        Arena<T>.LengthOf((long)layout.Rows * GradientRow)
        + Arena<T>.LengthOf((long)layout.Rows * StateSize)
        + (2 * Arena<T>.LengthOf((long)layout.Batch * StateSize))
        + Arena<T>.LengthOf((long)layout.Batch * CellStateSize)
        + Arena<T>.LengthOf(layout.Rows)
        + (Projects ? Arena<T>.LengthOf((long)layout.Rows * StateSize) + Arena<T>.LengthOf((long)layout.Batch * HiddenSize) : 0)
        + (TCell.Recurrence == Recurrence.Gated ? Arena<T>.LengthOf((long)layout.Batch * HiddenSize) : 0)
        + PackedLength(StateSize, PlainRows)
        + PackedLength(StateSize, GateRows - PlainRows)
        + (Projects ? PackedLength(HiddenSize, StateSize) : 0)
        + PackedLength(InputSize, GateRows)
        + Arena<T>.LengthOf(GateRows)
        + (Parts * ProductLength(layout));

    // The reverse of Forward. dh and dc enter as ∂L/∂h_T, ∂L/∂c_T and leave as ∂L/∂h_0, ∂L/∂c_0. The backward steps compute gradients of
    // pre-activations only. The gradients of weights, biases and inputs are products over all rows after the steps. The first half is
    // partitioned by sequences, the second by rows of the weights and of the input, so each number is summed by one thread.
    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        in LayerRows<T> rows,
        MatrixView<T> mask,
        ReadOnlySpan<T> tape,
        Span<T> dState,
        Span<T> gradients,
        Span<double> norms,
        Span<T> workspace)
    {
        Tape saved = Open(layout, tape, rows.Y);
        Arena<T> scratch = new(workspace);
        BackwardWork steps = new()
        {
            Driver = this,
            Layout = layout,
            Tape = saved,
            Rows = rows,
            Mask = mask,
            Da = scratch.Take(layout.Rows, GradientRow),
            EnteredH = scratch.Take(layout.Rows, StateSize),
            Dh = scratch.Take(layout.Batch, StateSize),
            DThroughU = scratch.Take(layout.Batch, StateSize),
            Dc = scratch.Take(layout.Batch, CellStateSize),
            Norms = scratch.Take(layout.Rows)[..(norms.IsEmpty ? 0 : layout.Rows)],
            DyTotal = Projects ? scratch.Take(layout.Rows, StateSize) : default,
            DUnprojected = Projects ? scratch.Take(layout.Batch, HiddenSize) : default,
            DGated = TCell.Recurrence == Recurrence.Gated ? scratch.Take(layout.Batch, HiddenSize) : default,
            Plain = Pack(PlainRecurrent(parameters).Transposed, ref scratch),
            LastGate = Pack(LastRecurrent(parameters).Transposed, ref scratch),
            Projection = ProjectionWeights is null
                ? default
                : Pack(Weights(ProjectionWeights, parameters).Transposed, ref scratch),
            Peepholes = PeepholeRows(parameters),
        };
        Span<T> dh = HiddenState.In(dState, layout.Batch);
        Span<T> dc = CellState is null ? default : CellState.In(dState, layout.Batch);
        SequenceRows.Sort(layout, dh, StateSize, steps.Dh.Span);
        SequenceRows.Sort(layout, dc, CellStateSize, steps.Dc.Span);
        RunParts(ref steps);

        bool writesDx = rows.Dx.Rows > 0;
        GradientWork products = new()
        {
            Driver = this,
            Tape = saved,
            X = rows.X,
            Da = steps.Da,
            EnteredH = steps.EnteredH,
            DyTotal = steps.DyTotal,
            Gradients = gradients,
            Dx = rows.Dx,
            AddsToDx = rows.AddsToDx,
            InputWeights = writesDx ? Pack(Weights(InputWeights, parameters).Transposed, ref scratch) : default,
            BiasSums = scratch.Take(GateRows),
            Products = scratch.Rest,
            ProductLength = ProductLength(layout),
        };
        RunParts(ref products);
        AddPeepholeGradients(layout, saved, steps.Da, gradients);
        SequenceRows.Unsort(layout, steps.Dh.Span, StateSize, dh);
        SequenceRows.Unsort(layout, steps.Dc.Span, CellStateSize, dc);
        StepNorms.Add(layout, steps.Norms, norms);
    }

    /// <summary>All backward steps of a partition of the sequences.</summary>
    private ref struct BackwardWork : IWork
    {
        public required RecurrentDriver<T, TCell> Driver;
        public required SequenceLayout Layout;
        public required Tape Tape;
        public required LayerRows<T> Rows;

        /// <summary>The mask of h′ where it enters U, [N, P]; no rows if there is no mask.</summary>
        public required MatrixView<T> Mask;

        /// <summary>Gradients of pre-activations, [R, gradient row].</summary>
        public required MatrixView<T> Da;

        /// <summary>h of the step before each row, as it entered U, [R, P].</summary>
        public required MatrixView<T> EnteredH;

        /// <summary>∂L/∂h of the current step, [N, P] by sorted index.</summary>
        public required MatrixView<T> Dh;

        /// <summary>The part of ∂L/∂h′ that comes through U, before the mask, [N, P].</summary>
        public required MatrixView<T> DThroughU;

        /// <summary>∂L/∂c of the current step, [N, H].</summary>
        public required MatrixView<T> Dc;

        /// <summary>‖∂L/∂h‖ of every row, [R]; empty if it is not needed.</summary>
        public required Span<T> Norms;

        /// <summary>∂L/∂h of every row, if h is projected, [R, P].</summary>
        public required MatrixView<T> DyTotal;

        /// <summary>Gradient of h before its projection, [N, H].</summary>
        public required MatrixView<T> DUnprojected;

        /// <summary>Gradient of the gated state, [N, H].</summary>
        public required MatrixView<T> DGated;

        /// <summary>The rows of U of the gates that take U·h′ plainly, for da·U.</summary>
        public required Panels<T> Plain;

        /// <summary>The rows of U of a last gate that does not take U·h′ plainly.</summary>
        public required Panels<T> LastGate;

        /// <summary>The projection, if the layer has one.</summary>
        public required Panels<T> Projection;

        /// <summary>The peephole weights of the layer, if it has any.</summary>
        public required MatrixView<T> Peepholes;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int part)
        {
            Partition sequences = Layout.Sequences(part, Driver.Parts);
            int steps = Layout.Steps;
            for (int i = 0; i < steps; i++)
            {
                int step = Driver.Direction == Direction.Forward ? steps - 1 - i : i;
                (Segment carried, Segment started) = Segment.Of(Layout, Driver.Direction, step);
                BackwardStep(carried.Within(sequences));
                BackwardStep(started.Within(sequences));
            }
        }

        /// <summary>One backward step for the rows of a segment.</summary>
        private void BackwardStep(in Segment segment)
        {
            if (segment.Count == 0)
            {
                return;
            }

            RecurrentDriver<T, TCell> driver = Driver;
            MatrixView<T> tape = Tape.Rows.RowRange(segment.First, segment.Count);
            MatrixView<T> da = Da.RowRange(segment.First, segment.Count);
            MatrixView<T> dh = Dh.RowRange(segment.SortedIndex, segment.Count);
            MatrixView<T> dc = Dc.RowRange(segment.SortedIndex, segment.Count);
            MatrixView<T> previousH = PreviousH(Tape, Rows.Y, segment);
            MatrixView<T> previousC = driver.PreviousC(Tape, segment);
            MatrixView<T> entered = EnteredH.RowRange(segment.First, segment.Count);
            bool masks = Mask.Rows > 0;
            MatrixView<T> mask = masks ? Mask.RowRange(segment.SortedIndex, segment.Count) : default;

            // ∂L/∂h of this step: the gradient from the layer above plus the gradient from the step after.
            MatrixProduct.Add(Rows.Dy.RowRange(segment.First, segment.Count), dh);
            for (int row = 0; row < segment.Count && !Norms.IsEmpty; row++)
            {
                Norms[segment.First + row] = GradientClipping.Norm<T>(dh.Row(row));
            }

            if (masks)
            {
                MatrixProduct.MultiplyElements(previousH, mask, entered);
            }
            else
            {
                MatrixProduct.Copy(previousH, entered);
            }

            MatrixView<T> dUnits = dh;
            if (driver.Projects)
            {
                MatrixProduct.Copy(dh, DyTotal.RowRange(segment.First, segment.Count));
                dUnits = DUnprojected.RowRange(segment.SortedIndex, segment.Count);
                MatrixProduct.Multiply(dh, Projection, dUnits);
                dh.Span.Clear();
            }

            BackwardUnits<LastPhase>(tape, da, previousH, previousC, dUnits, dc, default);

            // The gradient that comes through U, and through the mask if there is one.
            MatrixView<T> through = dh;
            if (masks)
            {
                through = DThroughU.RowRange(segment.SortedIndex, segment.Count);
                through.Span.Clear();
            }

            if (TCell.Recurrence == Recurrence.Gated)
            {
                MatrixView<T> dGated = DGated.RowRange(segment.SortedIndex, segment.Count);
                MatrixProduct.Multiply(driver.LastGate(da), LastGate, dGated);
                BackwardUnits<FirstPhase>(tape, da, entered, previousC, through, dc, dGated);
            }
            else if (TCell.Recurrence == Recurrence.Apart)
            {
                MatrixProduct.MultiplyAdd(driver.Candidate(da), LastGate, through);
            }

            MatrixProduct.MultiplyAdd(driver.PlainGates(da), Plain, through);
            if (masks)
            {
                MatrixProduct.MultiplyElementsAdd(through, mask, dh);
            }
        }

        private readonly void BackwardUnits<TPhase>(
            MatrixView<T> tape,
            MatrixView<T> da,
            MatrixView<T> previousH,
            MatrixView<T> previousC,
            MatrixView<T> dh,
            MatrixView<T> dc,
            MatrixView<T> dGated)
            where TPhase : struct =>
            Dispatch.Run<T, BackwardRows<T, TCell, TPhase>>(
                new BackwardRows<T, TCell, TPhase>(
                    Driver._cell, tape, da, previousH, previousC, dh, dc, dGated, Peepholes, Driver.HiddenSize));
    }
}
