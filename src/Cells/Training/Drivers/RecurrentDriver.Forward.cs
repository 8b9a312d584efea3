using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;
using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>All steps forward.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <inheritdoc/>
    public override long ForwardWorkspaceLength(SequenceLayout layout) =>
        PackedLength(GateRows, InputSize)
        + PackedLength(PlainRows, StateSize)
        + PackedLength(GateRows - PlainRows, StateSize)
        + (Projects ? PackedLength(StateSize, HiddenSize) : 0)
        + Arena<T>.LengthOf(BiasLength)
        + Arena<T>.LengthOf((long)layout.Batch * StateSize);

    // First the input projections of all rows, then all steps. The first half is partitioned by rows, the second by sequences, because
    // no sequence waits for another.
    /// <inheritdoc/>
    public override void Forward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        MatrixView<T> x,
        MatrixView<T> mask,
        Span<T> state,
        MatrixView<T> y,
        Span<T> tape,
        Span<T> workspace)
    {
        Tape saved = Open(layout, tape, y);
        Span<T> h = HiddenState.In(state, layout.Batch);
        Span<T> c = CellState is null ? default : CellState.In(state, layout.Batch);
        SequenceRows.Sort(layout, h, StateSize, saved.InitialH.Span);
        SequenceRows.Sort(layout, c, CellStateSize, saved.InitialC.Span);

        // The weights are packed once for all steps.
        Arena<T> scratch = new(workspace);
        Span<T> bias = scratch.Take(BiasLength);
        WriteBias(parameters, bias);
        ProjectWork inputProducts = new()
        {
            Driver = this,
            X = x,
            Weights = Pack(Weights(InputWeights, parameters), ref scratch),
            Bias = bias[..GateRows],
            Tape = saved.Rows,
        };
        ForwardWork steps = new()
        {
            Driver = this,
            Layout = layout,
            Tape = saved,
            Y = y,
            Plain = Pack(PlainRecurrent(parameters), ref scratch),
            LastGate = Pack(LastRecurrent(parameters), ref scratch),
            Projection = ProjectionWeights is null ? default : Pack(Weights(ProjectionWeights, parameters), ref scratch),
            CandidateBias = bias[GateRows..],
            Peepholes = PeepholeRows(parameters),
            Mask = mask,
            Masked = scratch.Take(layout.Batch, StateSize),
        };
        RunParts(ref inputProducts);
        RunParts(ref steps);

        for (int sortedIndex = 0; sortedIndex < layout.Batch; sortedIndex++)
        {
            int sequence = layout.Sequence(sortedIndex);
            int length = layout.Length(sequence);
            if (length > 0)
            {
                int row = layout.Offset(Direction == Direction.Forward ? length - 1 : 0) + sortedIndex;
                y.Row(row).CopyTo(h[(sequence * StateSize)..]);
                if (TCell.HasCellState)
                {
                    CellStates(saved.Rows).Row(row).CopyTo(c[(sequence * CellStateSize)..]);
                }
            }
        }
    }

    /// <summary>Biases and input projections of a partition of all rows.</summary>
    private ref struct ProjectWork : IWork
    {
        public required RecurrentDriver<T, TCell> Driver;
        public required MatrixView<T> X;
        public required Panels<T> Weights;
        public required ReadOnlySpan<T> Bias;
        public required MatrixView<T> Tape;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int part)
        {
            (int first, int count) = Partition.Of(Tape.Rows, part, Driver.Parts);
            if (count > 0)
            {
                MatrixView<T> bias = new(Bias, count, Bias.Length, stride: 0);
                MatrixProduct.MultiplyAdd(X.RowRange(first, count), Weights, bias, Driver.Gates(Tape.RowRange(first, count)));
            }
        }
    }

    /// <summary>All forward steps of a partition of the sequences.</summary>
    private ref struct ForwardWork : IWork
    {
        public required RecurrentDriver<T, TCell> Driver;
        public required SequenceLayout Layout;
        public required Tape Tape;
        public required MatrixView<T> Y;

        /// <summary>The rows of U of the gates that take U·h′ plainly.</summary>
        public required Panels<T> Plain;

        /// <summary>The rows of U of the last gate, if it does not take U·h′ plainly; else no rows.</summary>
        public required Panels<T> LastGate;

        /// <summary>The bias of the last gate's product if it is apart, [H]; else empty.</summary>
        public required ReadOnlySpan<T> CandidateBias;

        /// <summary>The projection, if the layer has one.</summary>
        public required Panels<T> Projection;

        /// <summary>The peephole weights of the layer, if it has any.</summary>
        public required MatrixView<T> Peepholes;

        /// <summary>The mask of h′ where it enters U, [N, P] by sorted index; no rows if there is no mask.</summary>
        public required MatrixView<T> Mask;

        /// <summary>Scratch memory for the masked h′, [N, P].</summary>
        public required MatrixView<T> Masked;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int part)
        {
            Partition sequences = Layout.Sequences(part, Driver.Parts);
            int steps = Layout.Steps;
            for (int i = 0; i < steps; i++)
            {
                int step = Driver.Direction == Direction.Forward ? i : steps - 1 - i;
                (Segment carried, Segment started) = Segment.Of(Layout, Driver.Direction, step);
                ForwardStep(carried.Within(sequences));
                ForwardStep(started.Within(sequences));
            }
        }

        // One step of the rows of a segment, whose input projections and biases are on the tape: the products with h′, after dropout if
        // there is a mask, then the cell's equations. A gated state is masked as well, since only a product takes it.
        private void ForwardStep(in Segment segment)
        {
            if (segment.Count == 0)
            {
                return;
            }

            RecurrentDriver<T, TCell> driver = Driver;
            MatrixView<T> tape = Tape.Rows.RowRange(segment.First, segment.Count);
            MatrixView<T> previousH = PreviousH(Tape, Y, segment);
            MatrixView<T> previousC = driver.PreviousC(Tape, segment);
            MatrixView<T> h = Y.RowRange(segment.First, segment.Count);
            MatrixView<T> entering = previousH;
            if (Mask.Rows > 0)
            {
                entering = Masked.RowRange(segment.SortedIndex, segment.Count);
                MatrixProduct.MultiplyElements(previousH, Mask.RowRange(segment.SortedIndex, segment.Count), entering);
            }

            MatrixProduct.MultiplyAdd(entering, Plain, driver.PlainGates(tape));
            if (TCell.Recurrence == Recurrence.Apart)
            {
                MatrixView<T> bias = new(CandidateBias, segment.Count, driver.HiddenSize, stride: 0);
                MatrixProduct.MultiplyAdd(entering, LastGate, bias, driver.Candidate(tape));
            }

            MatrixView<T> unprojected = driver.Projects ? driver.Unprojected(tape) : h;
            if (TCell.HasFirstPhase)
            {
                ForwardUnits<FirstPhase>(tape, entering, previousC, unprojected);
            }

            if (TCell.Recurrence == Recurrence.Gated)
            {
                MatrixProduct.MultiplyAdd(driver.Candidate(tape), LastGate, driver.LastGate(tape));
            }

            ForwardUnits<LastPhase>(tape, previousH, previousC, unprojected);
            if (driver.Projects)
            {
                MatrixProduct.Multiply(unprojected, Projection, h);
            }
        }

        private readonly void ForwardUnits<TPhase>(
            MatrixView<T> tape, MatrixView<T> previousH, MatrixView<T> previousC, MatrixView<T> h)
            where TPhase : struct =>
            Dispatch.Run<T, ForwardRows<T, TCell, TPhase>>(
                new ForwardRows<T, TCell, TPhase>(
                    Driver._cell, tape, previousH, previousC, h, Peepholes, Driver.HiddenSize));
    }
}
