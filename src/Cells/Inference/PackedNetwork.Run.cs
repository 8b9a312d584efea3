using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Inference;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <content>Steps of many streams, and whole sequences.</content>
public sealed partial class PackedNetwork
{
    // Rows whose input projections are one product: enough rows for full speed, and few enough that they stay in a cache until the
    // recurrence has used them. With twice as many, a batch of 32 took 2 % longer from 256 units on.
    private const int ProjectedRows = 96;

    // Steps of one stream that are computed at once: the rows of the tallest tile, which reads its weights once. Every state has room for
    // a block, so it is no larger.
    private const int MostBlockSteps = 12;

    // Bytes in the first cache of current processors, at least.
    private const int FirstCache = 32 << 10;

    // Half a second cache of 1 MiB.
    private const int HalfSecondCache = 512 << 10;

    /// <summary>Numbers in the workspace of <see cref="StepMany"/>.</summary>
    /// <param name="count">N, the number of streams.</param>
    /// <returns>The length.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="OverflowException">The length is above 2³¹ − 1.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int StepManyWorkspaceLength(int count)
    {
        Guard.NotNegative(count);
        return WorkspaceLength(new BatchShape(1, count));
    }

    /// <summary>
    /// Runs one step of each of many streams, as products over all of them. If the weights are so small that single steps are faster, it
    /// steps the streams one by one.
    /// </summary>
    /// <param name="x">[N, I] in.</param>
    /// <param name="streams">[N] different streams, in and out.</param>
    /// <param name="y">[N, O] out; may be <paramref name="x"/>, which is read before y is written.</param>
    /// <param name="workspace">[StepManyWorkspaceLength(N)] undefined before and after; shares no memory with the other arguments.</param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, a state belongs to another network or is given twice, or the workspace overlaps; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer needs whole sequences; the message names it.</exception>
    /// <remarks>Allocates nothing and takes no lock; for a real-time thread.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void StepMany(ReadOnlySpan<float> x, ReadOnlySpan<StreamState> streams, Span<float> y, Span<float> workspace)
    {
        Guard.Length(x, (long)streams.Length * Spec.InputSize, "streams.Length × Spec.InputSize");
        Guard.Length<float>(y, (long)streams.Length * Spec.OutputSize, "streams.Length × Spec.OutputSize");
        Guard.Length<float>(workspace, StepManyWorkspaceLength(streams.Length), "StepManyWorkspaceLength(streams.Length)");
        Guard.NoOverlap(workspace, x);
        Guard.NoOverlap<float>(workspace, y);
        Check(streams);
        CheckStreams();

        // If the weights stay in the first cache, a product does not pay: gathering the states costs more than reading the weights again.
        // One by one, y of a stream must not overwrite the x of a later stream.
        bool canStepOneByOne = !x.Overlaps(y, out int offset) || (offset == 0 && Spec.InputSize == OutputSize);
        if (canStepOneByOne && (streams.Length == 1 || WeightBytes <= FirstCache))
        {
            for (int i = 0; i < streams.Length; i++)
            {
                Step(x.Slice(i * Spec.InputSize, Spec.InputSize), streams[i], y.Slice(i * OutputSize, OutputSize));
            }
        }
        else
        {
            RunBatch(new BatchShape(1, streams.Length), x, streams, y, workspace);
        }
    }

    /// <summary>Numbers in the workspace of a Run of whole sequences.</summary>
    /// <param name="layout">The shape of the batch.</param>
    /// <returns>
    /// The length. It grows by about two rows of the widest layer for each live row. Cut a long recording into blocks of some hundred
    /// steps: the states carry over from block to block with the same bits.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int RunWorkspaceLength(SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return WorkspaceLength(new BatchShape(layout));
    }

    /// <summary>Runs whole sequences, whose lengths may differ.</summary>
    /// <param name="layout">Steps T, batch N and the length of each sequence.</param>
    /// <param name="x">[T, N, I] in, time-major; steps beyond a sequence's length are not read.</param>
    /// <param name="streams">
    /// [N] different streams, in and out: each enters as the initial state of its sequence and leaves as the state after the sequence's own
    /// last step.
    /// </param>
    /// <param name="y">
    /// [T, N, O] out, zeros beyond a sequence's length; [N, O] if Spec.IsManyToOne. A sequence of length 0 does not change its state.
    /// y may be <paramref name="x"/>, which is read before y is written.
    /// </param>
    /// <param name="workspace">[RunWorkspaceLength(layout)] undefined before and after; shares no memory with the other arguments.</param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, a state belongs to another network or is given twice, or the workspace overlaps; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">Another thread has set <paramref name="layout"/> during the call.</exception>
    /// <remarks>Allocates nothing and takes no lock. The input projections of many steps are one product.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(
        SequenceLayout layout, ReadOnlySpan<float> x, ReadOnlySpan<StreamState> streams, Span<float> y, Span<float> workspace)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(x, Spec.InputLength(layout.Steps, layout.Batch), "Spec.InputLength(layout.Steps, layout.Batch)");
        Guard.Length<float>(y, Spec.OutputLength(layout.Steps, layout.Batch), "Spec.OutputLength(layout.Steps, layout.Batch)");
        Guard.Length<float>(workspace, RunWorkspaceLength(layout), "RunWorkspaceLength(layout)");
        Guard.NoOverlap(workspace, x);
        Guard.NoOverlap<float>(workspace, y);
        if (streams.Length != layout.Batch)
        {
            ThrowCount(streams.Length, layout.Batch, nameof(streams));
        }

        Check(streams);
        RunBatch(new BatchShape(layout), x, streams, y, workspace);
    }

    /// <summary>
    /// y ← the outputs of steps of one stream, in blocks if that pays. Lengths are right, and the stream belongs to this network, which may
    /// be stepped. Without steps, y of a network with one output per sequence is the value of the state.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Run(ReadOnlySpan<float> x, StreamState stream, Span<float> y)
    {
        int inputSize = Spec.InputSize, steps = x.Length / inputSize, done = 0;
        bool manyToOne = Spec.IsManyToOne;
        do
        {
            int count = Math.Min(_blockSteps, steps - done);
            ReadOnlySpan<float> inputs = x.Slice(done * inputSize, count * inputSize);
            Span<float> outputs = manyToOne ? y : y.Slice(done * OutputSize, count * OutputSize);
            if (count == 1)
            {
                Step(inputs, stream, outputs);
            }
            else
            {
                RunBatch(new BatchShape(count, 1), inputs, new ReadOnlySpan<StreamState>(in stream), outputs, stream.Workspace);
            }

            done += count;
        }
        while (done < steps);
    }

    // A block reads the weights of inputs once, and the others once a step. Writing sums and reading them again costs up to 20 % of a step
    // with one input. Products of int8 are as much arithmetic as steps, and bf16 is decoded for every block: they gain only if the weights
    // are too large for the second cache.
    private bool BlocksPay()
    {
        long inputs = 0;
        foreach (StackLayer layer in Spec.Stack)
        {
            int rows = layer.Spec switch
            {
                RecurrentLayer recurrent => recurrent.Gates * recurrent.HiddenSize,
                DenseLayer dense => dense.OutputSize,
                _ => 0,
            };
            inputs += (long)layer.InputSize * rows;
        }

        (int size, int least) = Precision switch
        {
            WeightPrecision.Fp32 => (sizeof(float), FirstCache),
            WeightPrecision.Bf16 => (sizeof(float) / 2, HalfSecondCache),
            _ => (sizeof(byte), HalfSecondCache),
        };
        return inputs * size > least && inputs * size > WeightBytes / 8;
    }

    // The rows below and above a layer, those at the start of skips, the states of one direction, pre-activations of some steps,
    // and the products' workspace.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int WorkspaceLength(BatchShape shape)
    {
        long layers = 0;
        int projectedRows = MostProjectedRows(shape);
        for (int i = 0; i < _layers.Length; i++)
        {
            foreach (PackedLayer direction in _layers[i])
            {
                layers = Math.Max(
                    layers,
                    direction is PackedRecurrent recurrent
                        ? WorkspaceLength(recurrent, shape, projectedRows)
                        : ((PackedRows)direction).WorkspaceLength(shape));
            }
        }

        long skipped = SkippedOffset(shape, _layers.Length);
        return checked((int)((2 * Arena<float>.LengthOf(LargestLayer(shape))) + skipped + layers));
    }

    private static long WorkspaceLength(PackedRecurrent layer, BatchShape shape, int projectedRows) =>
        Arena<float>.LengthOf((long)shape.Batch * layer.Width)
            + Arena<float>.LengthOf((long)shape.Batch * layer.CellWidth)
            + Arena<float>.LengthOf((long)projectedRows * layer.PreActivations)
            + layer.WorkspaceLength(projectedRows, shape.Batch);

    /// <summary>Numbers in the largest input or output of a layer, padding included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long LargestLayer(BatchShape shape)
    {
        long largest = 0;
        for (int i = 0; i < _layers.Length; i++)
        {
            StackLayer layer = Spec.Stack[i];
            largest = Math.Max(largest, (long)layer.InputRows(shape.Rows, shape.Batch) * layer.InputSize);
            largest = Math.Max(largest, (long)layer.OutputRows(shape.Rows, shape.Batch) * OutputWidth(i));
        }

        return largest;
    }

    // Start of the rows that are kept for the skips from a layer. The layer behind the last one starts at the end of all.
    private long SkippedOffset(BatchShape shape, int layer)
    {
        long offset = 0;
        for (int i = 0; i < layer; i++)
        {
            StackLayer below = Spec.Stack[i];
            offset += _isSkipStart[i] ? Arena<float>.LengthOf((long)below.InputRows(shape.Rows, shape.Batch) * below.InputSize) : 0;
        }

        return offset;
    }

    // The rows that are kept for the skips from a layer.
    private MatrixView<float> Skipped(BatchShape shape, Span<float> skipped, int layer)
    {
        StackLayer start = Spec.Stack[layer];
        return new MatrixView<float>(
            skipped[(int)SkippedOffset(shape, layer)..], start.InputRows(shape.Rows, shape.Batch), start.InputSize);
    }

    // Numbers in a row of a layer's output, padding included.
    private int OutputWidth(int layer) => _layers[layer] is [] ? 0
        : _layers[layer][0] is PackedRows ? _layers[layer][0].Width : PackedLayer.Padded(Spec.Stack[layer].OutputSize);

    // Upper limit of the rows that are projected at once: the rows of one step, or of several small steps.
    private static int MostProjectedRows(BatchShape shape) => Math.Min(shape.Rows, Math.Max(shape.Batch, ProjectedRows));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBatch(
        BatchShape shape,
        ReadOnlySpan<float> x,
        ReadOnlySpan<StreamState> streams,
        Span<float> y,
        Span<float> workspace)
    {
        bool backwards = AlternateReading();
        Arena<float> arena = new(workspace);
        int largest = (int)LargestLayer(shape);
        Span<float> below = arena.Take(largest);
        Span<float> above = arena.Take(largest);
        Span<float> skipped = arena.Take((int)SkippedOffset(shape, _layers.Length));
        MatrixView<float> rows = Gather(shape, x, below);
        for (int i = 0; i < _layers.Length; i++)
        {
            StackLayer layer = Spec.Stack[i];
            if (_isSkipStart[i])
            {
                MatrixProduct.Copy(rows, Skipped(shape, skipped, i));
            }

            if (_layers[i] is [])
            {
                continue;
            }

            MatrixView<float> output = new(above, layer.OutputRows(shape.Rows, shape.Batch), OutputWidth(i));
            if (_layers[i][0] is PackedRows function)
            {
                function.Run(new PackedCall
                {
                    Shape = shape,
                    X = rows,
                    Skipped = layer.Spec is SkipLayer skip ? Skipped(shape, skipped, skip.From) : default,
                    Y = output,
                    States = streams,
                    Workspace = arena.Rest,
                    Backwards = backwards,
                });
            }
            else
            {
                for (int direction = 0; direction < _layers[i].Length; direction++)
                {
                    var recurrent = (PackedRecurrent)_layers[i][direction];
                    MatrixView<float> columns = layer.Columns(output, direction);
                    RunDirection(shape, recurrent, layer.Spec.Directions[direction], rows, streams, columns, arena.Rest, backwards);
                }
            }

            rows = output.ColumnRange(0, layer.OutputSize);
            Swap(ref below, ref above);
        }

        if (Spec.IsManyToOne)
        {
            MatrixProduct.Copy(rows, new MatrixView<float>(y, streams.Length, Spec.OutputSize));
        }
        else
        {
            shape.Scatter(rows, y);
        }
    }

    /// <summary>Runs all steps of one direction of a layer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunDirection(
        BatchShape shape,
        PackedRecurrent layer,
        Direction direction,
        MatrixView<float> input,
        ReadOnlySpan<StreamState> streams,
        MatrixView<float> output,
        Span<float> workspace,
        bool backwards)
    {
        Arena<float> arena = new(workspace);
        MatrixView<float> h = arena.Take(shape.Batch, layer.Width);
        MatrixView<float> c = arena.Take(shape.Batch, layer.CellWidth);
        Span<float> preActivations = arena.Take(MostProjectedRows(shape) * layer.PreActivations);

        // The sequences that have steps. The states of others do not change.
        int sequences = shape.Live(0);
        for (int sortedIndex = 0; sortedIndex < sequences; sortedIndex++)
        {
            StreamState state = streams[shape.Sequence(sortedIndex)];
            Flush(state.Memory.Slice(layer.OutputOffset, h.Columns), h.Row(sortedIndex));
            if (layer.CellOffset >= 0)
            {
                state.Memory.Slice(layer.CellOffset, c.Columns).CopyTo(c.Row(sortedIndex));
            }
        }

        int done = 0;
        while (done < shape.Steps)
        {
            // As many steps as fit into the pre-activations, in the order of the direction.
            int count = 0, rows = 0;
            while (done + count < shape.Steps)
            {
                int live = shape.Live(StepOf(shape, direction, done + count));
                if (count > 0 && rows + live > MostProjectedRows(shape))
                {
                    break;
                }

                rows += live;
                count++;
            }

            SequenceLayout.CheckRows(0, rows, MostProjectedRows(shape));
            int first = shape.First(direction == Direction.Forward ? done : StepOf(shape, direction, done + count - 1), rows);
            MatrixView<float> projected = new(preActivations, rows, layer.PreActivations);
            if (rows > 0)
            {
                layer.MultiplyInputs(input.RowRange(first, rows), projected, arena.Rest, backwards);
            }

            for (int i = 0; i < count; i++)
            {
                int step = StepOf(shape, direction, done + i);
                int live = shape.Live(step);
                if (live > 0)
                {
                    backwards = !backwards;
                    int row = shape.First(step, live);
                    SequenceLayout.CheckRows(row - first, live, rows);
                    layer.StepRows(
                        projected.RowRange(row - first, live), h.RowRange(0, live), c.RowRange(0, live), arena.Rest, backwards);
                    MatrixProduct.Copy(h.RowRange(0, live).ColumnRange(0, output.Columns), output.RowRange(row, live));
                }
            }

            done += count;
        }

        for (int sortedIndex = 0; sortedIndex < sequences; sortedIndex++)
        {
            StreamState state = streams[shape.Sequence(sortedIndex)];
            h.Row(sortedIndex).CopyTo(state.Memory[layer.OutputOffset..]);
            if (layer.CellOffset >= 0)
            {
                c.Row(sortedIndex).CopyTo(state.Memory[layer.CellOffset..]);
            }
        }
    }

    private static void Swap(ref Span<float> a, ref Span<float> b)
    {
        Span<float> swapped = a;
        a = b;
        b = swapped;
    }

    // The step of time that a direction runs as its i-th.
    private static int StepOf(BatchShape shape, Direction direction, int i) =>
        direction == Direction.Forward ? i : shape.Steps - 1 - i;

    // The live rows of x, with small numbers flushed to zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private MatrixView<float> Gather(BatchShape shape, ReadOnlySpan<float> x, Span<float> rows)
    {
        MatrixView<float> gathered = new(rows, shape.Rows, Spec.InputSize);
        Flush(shape.Gather(x, Spec.InputSize, gathered.Span), gathered.Span);
        return gathered;
    }

    private static void Flush(ReadOnlySpan<float> x, Span<float> y) => Dispatch.Run<float, FlushKernel>(new FlushKernel(x, y));

    // Every state belongs to this network, and none is given twice. Each state gets its index in the list. A state that is given twice has
    // the second index when the first one is checked.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Check(ReadOnlySpan<StreamState> streams)
    {
        for (int i = 0; i < streams.Length; i++)
        {
            StreamState state = streams[i];
            if (state is null)
            {
                ThrowNullElement(i, nameof(streams));
            }

            if (!ReferenceEquals(state.Network, this))
            {
                ThrowForeign(i, nameof(streams));
            }

            state.IndexInCall = i;
        }

        for (int i = 0; i < streams.Length; i++)
        {
            if (streams[i].IndexInCall != i)
            {
                ThrowTwice(i, streams[i].IndexInCall, nameof(streams));
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowForeign(int index, string streams) => throw new ArgumentException(
        $"'{streams}' has a stream of another network at {index}, expected one that this network made.", streams);

    [DoesNotReturn]
    private static void ThrowNullElement(int index, string streams) =>
        throw new ArgumentException($"'{streams}' has null at {index}, expected a stream.", streams);

    [DoesNotReturn]
    private static void ThrowTwice(int first, int second, string streams) => throw new ArgumentException(
        $"'{streams}' has the same stream at {first} and {second}, expected a different one for every sequence.", streams);

    [DoesNotReturn]
    private static void ThrowCount(int actual, int expected, string streams) =>
        throw new ArgumentException($"'{streams}' has {actual} elements, expected {expected} = layout.Batch.", streams);
}
