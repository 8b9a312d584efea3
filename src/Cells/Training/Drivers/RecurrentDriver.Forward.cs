using System.Runtime.CompilerServices;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>Whole sequences forward.</content>
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

    // First the input projections of all rows, then all steps: rows are shared out in the first half, sequences in the second, since
    // none of them waits for another.
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

        // Packed once, the weights serve all steps.
        Arena<T> scratch = new(workspace);
        Span<T> bias = scratch.Take(BiasLength);
        WriteBias(parameters, bias);
        ProjectWork project = new()
        {
            Driver = this,
            X = x,
            Weights = Pack(Weights(InputWeights, parameters), ref scratch),
            Bias = bias[..GateRows],
            Tape = saved.Rows,
        };
        ForwardWork advance = new()
        {
            Driver = this,
            Layout = layout,
            Tape = saved,
            Y = y,
            Weights = new StepWeights<T>
            {
                Plain = Pack(PlainRecurrent(parameters), ref scratch),
                LastGate = Pack(LastRecurrent(parameters), ref scratch),
                Projection = ProjectionWeights is null ? default : Pack(Weights(ProjectionWeights, parameters), ref scratch),
                CandidateBias = bias[GateRows..],
                Operand = Operand(parameters),
            },
            Mask = mask,
            Masked = scratch.Take(layout.Batch, StateSize),
        };
        RunParts(ref project);
        RunParts(ref advance);

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

    /// <summary>Biases and input projections of a share of all rows.</summary>
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

    /// <summary>All steps of a share of the sequences.</summary>
    private ref struct ForwardWork : IWork
    {
        public required RecurrentDriver<T, TCell> Driver;
        public required SequenceLayout Layout;
        public required Tape Tape;
        public required MatrixView<T> Y;
        public required StepWeights<T> Weights;

        /// <summary>What h′ is multiplied by on its way into U, [N, P], the longest sequence first; no rows for nothing.</summary>
        public required MatrixView<T> Mask;

        /// <summary>Room for h′ so multiplied, [N, P].</summary>
        public required MatrixView<T> Masked;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int part)
        {
            Partition places = Layout.Places(part, Driver.Parts);
            int steps = Layout.Steps;
            for (int i = 0; i < steps; i++)
            {
                int step = Driver.Direction == Direction.Forward ? i : steps - 1 - i;
                (Segment carried, Segment started) = Segment.Of(Layout, Driver.Direction, step);
                ForwardStep(carried.Within(places));
                ForwardStep(started.Within(places));
            }
        }

        private void ForwardStep(in Segment segment)
        {
            if (segment.Count == 0)
            {
                return;
            }

            MatrixView<T> previousH = PreviousH(Tape, Y, segment);
            MatrixView<T> entering = previousH;
            if (Mask.Rows > 0)
            {
                entering = Masked.RowRange(segment.Place, segment.Count);
                MatrixProduct.MultiplyElements(previousH, Mask.RowRange(segment.Place, segment.Count), entering);
            }

            Driver.ForwardStep(
                Tape.Rows.RowRange(segment.First, segment.Count),
                previousH,
                entering,
                Driver.PreviousC(Tape, segment),
                Weights,
                Y.RowRange(segment.First, segment.Count));
        }
    }
}
