using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A <see cref="PoolLayer"/>: the steps of every sequence become one row.</summary>
internal sealed class PoolDriver<T>(StackLayer layer, PoolLayer pool) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly PoolFunction<T> _function = new(pool.Kind);

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    /// <summary>Numbers on the tape: the number of steps of every sequence.</summary>
    public override long TapeLength(SequenceLayout layout) => _function.Counts ? Arena<T>.LengthOf(layout.Batch) : 0;

    /// <inheritdoc/>
    public override void Forward(in LayerForward<T> call)
    {
        BatchShape shape = new(call.Layout);
        MatrixView<T> pooled = Pooled(call.State, shape);
        Span<T> counts = Counts(call.State, shape);
        T unused = T.Zero;
        for (int step = 0; step < shape.Steps; step++)
        {
            int live = shape.Live(step);
            int first = shape.First(step, live);
            for (int sortedIndex = 0; sortedIndex < live; sortedIndex++)
            {
                int sequence = shape.Sequence(sortedIndex);
                ref T count = ref counts.IsEmpty ? ref unused : ref counts[sequence];
                _function.Add(call.X.Row(first + sortedIndex), pooled.Row(sequence), ref count);
            }
        }

        for (int sequence = 0; sequence < shape.Batch; sequence++)
        {
            _function.Value(pooled.Row(sequence), counts.IsEmpty ? unused : counts[sequence], call.Y.Row(sequence));
        }

        counts.CopyTo(call.Tape);
    }

    /// <inheritdoc/>
    public override void Backward(in LayerBackward<T> call)
    {
        BatchShape shape = new(call.Layout);
        MatrixView<T> dPooled = Pooled(call.DState, shape);
        Span<T> dCounts = Counts(call.DState, shape);
        T unused = T.Zero;
        for (int sequence = 0; sequence < shape.Batch; sequence++)
        {
            ref T dCount = ref dCounts.IsEmpty ? ref unused : ref dCounts[sequence];
            _function.AddOutputGradient(
                call.Rows.Y.Row(sequence),
                call.Rows.Dy.Row(sequence),
                dCounts.IsEmpty ? unused : call.Tape[sequence],
                dPooled.Row(sequence),
                ref dCount);
        }

        for (int step = 0; step < shape.Steps; step++)
        {
            int live = shape.Live(step);
            int goingOn = shape.Live(step + 1);
            int first = shape.First(step, live);
            for (int sortedIndex = 0; sortedIndex < live; sortedIndex++)
            {
                int sequence = shape.Sequence(sortedIndex);
                int row = first + sortedIndex;
                _function.StepGradient(
                    call.Rows.X.Row(row),
                    call.Rows.Y.Row(sequence),
                    isLast: sortedIndex >= goingOn,
                    dPooled.Row(sequence),
                    call.Rows.Dx.Rows > 0 ? call.Rows.Dx.Row(row) : default);
            }
        }
    }

    private MatrixView<T> Pooled(Span<T> state, BatchShape shape) =>
        new(layer.States[0].In(state, shape.Batch), shape.Batch, layer.InputSize);

    private Span<T> Counts(Span<T> state, BatchShape shape) => _function.Counts ? layer.States[1].In(state, shape.Batch) : default;
}
