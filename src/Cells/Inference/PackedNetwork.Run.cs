using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Inference;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <content>Many streams, and whole sequences.</content>
public sealed partial class PackedNetwork
{
    // Rows whose input projections are one product: enough for it to run at full speed, few enough to stay in a cache until the
    // recurrence has used them. With twice as many a batch of 32 took 2 % longer from 256 units on.
    private const int ProjectedRows = 96;

    // Bytes of the smallest first cache that processors have these days.
    private const int FirstCache = 32 << 10;

    /// <summary>Numbers in the workspace of <see cref="StepMany"/>.</summary>
    /// <param name="count">N, how many streams.</param>
    /// <returns>The length.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="OverflowException">It is above 2³¹ − 1; so for all lengths.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int StepManyWorkspaceLength(int count)
    {
        Guard.NotNegative(count);
        return WorkspaceLength(new BatchShape(count));
    }

    /// <summary>
    /// One step of each of many streams: as products over all of them, unless the weights are so small that steps one by one are faster.
    /// </summary>
    /// <param name="x">[N, I] in.</param>
    /// <param name="states">[N] different states, in and out.</param>
    /// <param name="y">[N, O] out; may be <paramref name="x"/>, which has been read before it is written.</param>
    /// <param name="workspace">[StepManyWorkspaceLength(N)] undefined before and after; shares no memory with the others.</param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, a state is another network's or given twice, or the workspace overlaps; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer runs in reverse: it needs whole sequences.</exception>
    /// <remarks>Allocates nothing, takes no lock; for a real-time thread.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void StepMany(ReadOnlySpan<float> x, ReadOnlySpan<StreamState> states, Span<float> y, Span<float> workspace)
    {
        Guard.Length(x, (long)states.Length * Spec.InputSize, "states.Length × Spec.InputSize");
        Guard.Length<float>(y, (long)states.Length * Spec.OutputSize, "states.Length × Spec.OutputSize");
        Guard.Length<float>(workspace, StepManyWorkspaceLength(states.Length), "StepManyWorkspaceLength(states.Length)");
        Guard.NoOverlap(workspace, x);
        Guard.NoOverlap<float>(workspace, y);
        Check(states);
        CheckStreams();

        // Weights that stay in the first cache are not worth a product: gathering the states costs more than reading them again.
        bool apart = !x.Overlaps(y, out int offset) || (offset == 0 && Spec.InputSize == _outputSize);
        if (apart && (states.Length == 1 || WeightBytes <= FirstCache))
        {
            for (int i = 0; i < states.Length; i++)
            {
                Step(x.Slice(i * Spec.InputSize, Spec.InputSize), states[i], y.Slice(i * _outputSize, _outputSize));
            }
        }
        else
        {
            RunBatch(new BatchShape(states.Length), x, states, y, workspace);
        }
    }

    /// <summary>Numbers in the workspace of <see cref="Run"/>.</summary>
    /// <param name="layout">The shape of the batch.</param>
    /// <returns>
    /// The length. It grows with the steps, by about two rows of the widest layer for each: cut a long recording into blocks of some
    /// hundred steps, whose states carry on from one to the next with the same bits.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int RunWorkspaceLength(SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return WorkspaceLength(new BatchShape(layout));
    }

    /// <summary>Whole sequences, of different lengths where the layout says so.</summary>
    /// <param name="layout">Steps T, batch N and the length of each sequence.</param>
    /// <param name="x">[T, N, I] in, time-major; steps beyond a sequence's length are not read.</param>
    /// <param name="states">
    /// [N] different states: the initial state enters, the final state leaves, that of every sequence after its own last step.
    /// </param>
    /// <param name="y">
    /// [T, N, O] out, zeros beyond a sequence's length; with a head on the last step [N, O]. A sequence of length 0 leaves its state as
    /// it is, and the head reads that. May be <paramref name="x"/>, which has been read before it is written.
    /// </param>
    /// <param name="workspace">[RunWorkspaceLength(layout)] undefined before and after; shares no memory with the others.</param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, a state is another network's or given twice, or the workspace overlaps; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">Another thread has set <paramref name="layout"/> meanwhile.</exception>
    /// <remarks>Allocates nothing, takes no lock. The input projections of many steps are one product.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(
        SequenceLayout layout, ReadOnlySpan<float> x, ReadOnlySpan<StreamState> states, Span<float> y, Span<float> workspace)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(x, Spec.InputLength(layout.Steps, layout.Batch), "Spec.InputLength(layout.Steps, layout.Batch)");
        Guard.Length<float>(y, Spec.OutputLength(layout.Steps, layout.Batch), "Spec.OutputLength(layout.Steps, layout.Batch)");
        Guard.Length<float>(workspace, RunWorkspaceLength(layout), "RunWorkspaceLength(layout)");
        Guard.NoOverlap(workspace, x);
        Guard.NoOverlap<float>(workspace, y);
        if (states.Length != layout.Batch)
        {
            ThrowCount(states.Length, layout.Batch, nameof(states));
        }

        Check(states);
        RunBatch(new BatchShape(layout), x, states, y, workspace);
    }

    /// <summary>Room for the widest row of any layer.</summary>
    private int WidestRow
    {
        get
        {
            int widest = Math.Max(PackedLayer.Padded(Spec.InputSize), _head?.Width ?? 0);
            foreach (PackedLayer[] layer in _layers)
            {
                widest = Math.Max(widest, checked(layer.Length * layer[0].Width));
            }

            return widest;
        }
    }

    // Rows below and rows above a layer, the states of one direction, pre-activations of some steps, and the products' own.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int WorkspaceLength(BatchShape shape)
    {
        long rows = Arena<float>.LengthOf((long)Math.Max(shape.Rows, shape.Batch) * WidestRow);
        long layers = 0;
        int projected = Projected(shape);
        foreach (PackedLayer[] layer in _layers)
        {
            foreach (PackedLayer direction in layer)
            {
                layers = Math.Max(layers, WorkspaceLength(direction, shape, projected));
            }
        }

        long head = _head?.WorkspaceLength(Math.Max(shape.Rows, shape.Batch)) ?? 0;
        return checked((int)((2 * rows) + Math.Max(layers, head)));
    }

    private static long WorkspaceLength(PackedLayer layer, BatchShape shape, int projected)
    {
        if (layer is not PackedRecurrent recurrent)
        {
            return ((PackedDenseLayer)layer).WorkspaceLength(Math.Max(shape.Rows, shape.Batch));
        }

        return Arena<float>.LengthOf((long)shape.Batch * recurrent.Width)
            + Arena<float>.LengthOf((long)shape.Batch * recurrent.CellWidth)
            + Arena<float>.LengthOf((long)projected * recurrent.PreActivations)
            + recurrent.WorkspaceLength(projected, shape.Batch);
    }

    // The most rows that are projected at once: those of one step, or of several.
    private static int Projected(BatchShape shape) => Math.Min(shape.Rows, Math.Max(shape.Batch, ProjectedRows));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBatch(
        BatchShape shape,
        ReadOnlySpan<float> x,
        ReadOnlySpan<StreamState> states,
        Span<float> y,
        Span<float> workspace)
    {
        bool backwards = Turn();
        Arena<float> carver = new(workspace);
        int room = Math.Max(shape.Rows, shape.Batch) * WidestRow;
        Span<float> below = carver.Take(room);
        Span<float> above = carver.Take(room);
        MatrixView<float> input = Gather(shape, x, below);
        for (int i = 0; i < _layers.Length; i++)
        {
            LayerSpec spec = Spec.Layers[i];
            int directions = spec.DirectionCount;
            int size = spec.StateSize;
            int width = _layers[i][0].Width;
            if (_layers[i][0] is PackedDenseLayer dense)
            {
                dense.Run(input, new(above, input.Rows, width), carver.Rest, backwards);
            }
            else
            {
                for (int direction = 0; direction < directions; direction++)
                {
                    MatrixView<float> output = new(above[(direction * shape.Rows * width)..], shape.Rows, width);
                    var layer = (PackedRecurrent)_layers[i][direction];
                    RunDirection(shape, layer, spec.Directions[direction], input, states, output, carver.Rest, backwards);
                }
            }

            if (directions == 1)
            {
                input = new MatrixView<float>(above, input.Rows, size, width);
                Span<float> free = below;
                below = above;
                above = free;
            }
            else
            {
                input = new MatrixView<float>(below, shape.Rows, directions * size, PackedLayer.Padded(directions * size));
                for (int direction = 0; direction < directions; direction++)
                {
                    MatrixView<float> half = new(above[(direction * shape.Rows * width)..], shape.Rows, size, width);
                    MatrixProduct.Copy(half, input.ColumnRange(direction * size, size));
                }
            }

            if (Spec.IsManyToOne && i == Spec.LastRecurrent)
            {
                input = LastStates(shape, input, states, above);
                Span<float> free = below;
                below = above;
                above = free;
            }
        }

        if (_head is null)
        {
            shape.Scatter(input, y);
            return;
        }

        MatrixView<float> answers = new(above, input.Rows, _head.Width);
        _head.Run(input, answers, carver.Rest, backwards);
        answers = answers.ColumnRange(0, Spec.OutputSize);
        if (Spec.IsManyToOne)
        {
            MatrixProduct.Copy(answers, new MatrixView<float>(y, states.Length, Spec.OutputSize));
        }
        else
        {
            AddSkipped(shape, x, answers);
            shape.Scatter(answers, y);
        }
    }

    // x has been read before y is written: they may be one memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSkipped(BatchShape shape, ReadOnlySpan<float> x, MatrixView<float> answers)
    {
        for (int step = 0; _skip > 0 && step < shape.Steps; step++)
        {
            int live = shape.Live(step);
            int first = shape.First(step, live);
            for (int place = 0; place < live; place++)
            {
                ReadOnlySpan<float> skipped = x.Slice(((step * shape.Batch) + shape.Sequence(place)) * Spec.InputSize, _skip);
                AddSkipped(skipped, answers.Row(first + place));
            }
        }
    }

    /// <summary>All steps of one direction of a layer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunDirection(
        BatchShape shape,
        PackedRecurrent layer,
        Direction direction,
        MatrixView<float> input,
        ReadOnlySpan<StreamState> states,
        MatrixView<float> output,
        Span<float> workspace,
        bool backwards)
    {
        Arena<float> carver = new(workspace);
        MatrixView<float> h = carver.Take(shape.Batch, layer.Width);
        MatrixView<float> c = carver.Take(shape.Batch, layer.CellWidth);
        Span<float> pre = carver.Take(Projected(shape) * layer.PreActivations);

        // Places of sequences that have steps: the states of others stay as they are.
        int walked = shape.Live(0);
        for (int place = 0; place < walked; place++)
        {
            StreamState state = states[shape.Sequence(place)];
            Flush(state.Memory.Slice(layer.Output, h.Columns), h.Row(place));
            if (layer.Cell >= 0)
            {
                state.Memory.Slice(layer.Cell, c.Columns).CopyTo(c.Row(place));
            }
        }

        int done = 0;
        while (done < shape.Steps)
        {
            // As many steps as have room, in the order in which they are walked.
            int count = 0, rows = 0;
            while (done + count < shape.Steps)
            {
                int live = shape.Live(Walk(shape, direction, done + count));
                if (count > 0 && rows + live > Projected(shape))
                {
                    break;
                }

                rows += live;
                count++;
            }

            SequenceLayout.CheckRows(0, rows, Projected(shape));
            int first = shape.First(direction == Direction.Forward ? done : Walk(shape, direction, done + count - 1), rows);
            MatrixView<float> projected = new(pre, rows, layer.PreActivations);
            if (rows > 0)
            {
                layer.Project(input.RowRange(first, rows), projected, carver.Rest, backwards);
            }

            for (int i = 0; i < count; i++)
            {
                int step = Walk(shape, direction, done + i);
                int live = shape.Live(step);
                if (live > 0)
                {
                    backwards = !backwards;
                    int row = shape.First(step, live);
                    SequenceLayout.CheckRows(row - first, live, rows);
                    layer.StepRows(
                        projected.RowRange(row - first, live), h.RowRange(0, live), c.RowRange(0, live), carver.Rest, backwards);
                    MatrixProduct.Copy(h.RowRange(0, live), output.RowRange(row, live));
                }
            }

            done += count;
        }

        for (int place = 0; place < walked; place++)
        {
            StreamState state = states[shape.Sequence(place)];
            h.Row(place).CopyTo(state.Memory[layer.Output..]);
            if (layer.Cell >= 0)
            {
                c.Row(place).CopyTo(state.Memory[layer.Cell..]);
            }
        }
    }

    private static int Walk(BatchShape shape, Direction direction, int i) =>
        direction == Direction.Forward ? i : shape.Steps - 1 - i;

    // The live rows of x, numbers near zero as zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private MatrixView<float> Gather(BatchShape shape, ReadOnlySpan<float> x, Span<float> rows)
    {
        MatrixView<float> gathered = new(rows, shape.Rows, Spec.InputSize);
        Flush(shape.Gather(x, Spec.InputSize, gathered.Span), gathered.Span);
        return gathered;
    }

    private static void Flush(ReadOnlySpan<float> x, Span<float> y) => Dispatch.Run<float, FlushKernel>(new FlushKernel(x, y));

    // The final h of all directions of the last recurrent layer, or what its reverse one gives for the last element; one row a sequence.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private MatrixView<float> LastStates(
        BatchShape shape, MatrixView<float> output, ReadOnlySpan<StreamState> states, Span<float> rows)
    {
        PackedLayer[] layer = _layers[Spec.LastRecurrent];
        int size = Spec.Layers[Spec.LastRecurrent].StateSize;
        MatrixView<float> last = new(rows, states.Length, layer.Length * size);
        for (int place = 0; place < states.Length; place++)
        {
            int sequence = shape.Sequence(place);
            for (int direction = 0; direction < layer.Length; direction++)
            {
                bool given = Spec.ReadsLastOutputs && Spec.Layers[Spec.LastRecurrent].Directions[direction] == Direction.Reverse;
                int row = given ? shape.LastRow(place) : -1;
                Span<float> to = last.Row(sequence).Slice(direction * size, size);
                Flush(
                    row < 0
                        ? states[sequence].Memory.Slice(layer[direction].Output, size)
                        : output.Row(row).Slice(direction * size, size),
                    to);
            }
        }

        return last;
    }

    // Each state of this network, and none twice: a state remembers its place, and whoever comes second finds another one's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Check(ReadOnlySpan<StreamState> states)
    {
        for (int i = 0; i < states.Length; i++)
        {
            StreamState state = states[i];
            if (state is null)
            {
                ThrowNullElement(i, nameof(states));
            }

            if (!ReferenceEquals(state.Network, this))
            {
                ThrowForeign($"states[{i}]", nameof(states));
            }

            state.Place = i;
        }

        for (int i = 0; i < states.Length; i++)
        {
            if (states[i].Place != i)
            {
                ThrowTwice(i, states[i].Place, nameof(states));
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowNullElement(int index, string states) =>
        throw new ArgumentException($"'{states}' has null at {index}, expected a state.", states);

    [DoesNotReturn]
    private static void ThrowTwice(int first, int second, string states) => throw new ArgumentException(
        $"'{states}' has the same state at {first} and {second}, expected a different one for every sequence.", states);

    [DoesNotReturn]
    private static void ThrowCount(int actual, int expected, string states) =>
        throw new ArgumentException($"'{states}' has {actual} elements, expected {expected} = layout.Batch.", states);
}
