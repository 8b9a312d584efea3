using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Training.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <summary>
/// Training engine of a <see cref="NetworkSpec"/>: whole sequences of a batch forward, and backpropagation through time. A network holds
/// no parameters and no state, only the shape of the computation.
/// </summary>
/// <remarks>
/// <para>Every buffer is the caller's, and its length comes from this object. <c>parameters</c> and <c>gradients</c> live with the
/// network (Spec.Parameters.Length). <c>state</c> lives with a stream (<see cref="StateLength"/>; zeros are the start). <c>tape</c> lives
/// from a forward to its backward (<see cref="TapeLength(SequenceLayout)"/>). <c>workspace</c> lives for one call
/// (<see cref="WorkspaceLength"/>; its content is undefined before and after). A <see cref="BufferPool{T}"/> lends tapes and
/// workspaces.</para>
/// <para>All calls allocate nothing, take no lock, and may run at the same time on different threads with buffers of their own. They
/// throw <see cref="ArgumentException"/> for a wrong length, and for an output that shares memory with another argument, before
/// anything is written.</para>
/// <para>A row of a batch has the same bits alone and in company. A sequence and its steps one by one agree within the rounding of
/// their sums, which are added in another order.</para>
/// <para>States, their gradients and gradients of pre-activations that a cell's equations compute are stored as 0 if their magnitude is
/// below 10⁻³⁰ (float) or 10⁻²⁹⁰ (double). Decaying numbers then do not become denormal, which some processors are slow at. A NaN
/// stays. The result of a product with weights is stored as it is: a projected h, a dense layer's y, or a gradient that has passed
/// through U.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed partial class Network<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // By the index of the layer: the directions of every recurrent layer, none for others; the other layers, null for recurrent ones.
    private readonly RecurrentDriver<T>[][] _recurrent;
    private readonly LayerDriver<T>?[] _drivers;

    /// <summary>Makes the network of a description. Allocates.</summary>
    /// <param name="spec">Its layers.</param>
    /// <param name="workers">Threads that share the work; null for the caller's thread only. The bits do not depend on it.</param>
    public Network(NetworkSpec spec, WorkerPool? workers = null)
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        _recurrent = new RecurrentDriver<T>[spec.Stack.Length][];
        _drivers = new LayerDriver<T>?[spec.Stack.Length];
        for (int i = 0; i < spec.Stack.Length; i++)
        {
            StackLayer layer = spec.Stack[i];
            _recurrent[i] = [];
            _drivers[i] = LayerDriver<T>.Create(layer);
            if (layer.Recurrent is not { } recurrent)
            {
                continue;
            }

            _recurrent[i] = new RecurrentDriver<T>[recurrent.DirectionCount];
            for (int d = 0; d < recurrent.DirectionCount; d++)
            {
                Direction direction = recurrent.Directions[d];
                _recurrent[i][d] = CellTypes.Visit<RecurrentDriver<T>, MakeDriver>(
                    recurrent.For(direction), new MakeDriver(spec, i, direction, workers));
            }
        }
    }

    /// <summary>The description.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>
    /// Numbers in the state of a batch: batch × Spec.StateSize. Each state is [batch, size] at the offset of its <see cref="StateSlot"/>.
    /// </summary>
    /// <param name="batch">N; 1 for a stream.</param>
    /// <returns>The length.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batch"/> is negative.</exception>
    /// <exception cref="OverflowException">The length is above 2³¹ − 1. All lengths have this limit.</exception>
    public int StateLength(int batch)
    {
        Guard.NotNegative(batch);
        return checked(batch * Spec.StateSize);
    }

    /// <summary>Numbers in the tape of a batch.</summary>
    /// <param name="layout">The shape of the batch.</param>
    /// <returns>The length.</returns>
    public int TapeLength(SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return checked((int)TapeOffset(layout, _drivers.Length));
    }

    /// <summary>Numbers in the workspace of <see cref="Forward"/> and of <see cref="Backward"/> for a batch.</summary>
    /// <param name="layout">The shape of the batch.</param>
    /// <returns>The length.</returns>
    public int WorkspaceLength(SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        long forward = 0;
        long backward = 0;
        for (int layer = 0; layer < _drivers.Length; layer++)
        {
            foreach (RecurrentDriver<T> driver in _recurrent[layer])
            {
                forward = Math.Max(forward, driver.ForwardWorkspaceLength(layout));
                backward = Math.Max(backward, driver.BackwardWorkspaceLength(layout));
            }

            forward = Math.Max(forward, _drivers[layer]?.ForwardWorkspaceLength(layout) ?? 0);
            backward = Math.Max(backward, _drivers[layer]?.BackwardWorkspaceLength(layout) ?? 0);
        }

        // Forward: the scratch of a driver, and an output that is not on the tape. Backward: the gradients of two layers, what skips
        // give to layers further below, and the scratch of a driver. Behind dropout a driver also has the rows of its masked input.
        long largest = Arena<T>.LengthOf(LargestLayer(layout));
        long masked = Spec.Layers.Length > 1 ? largest : 0;
        StackLayer last = Spec.Stack[^1];
        forward += masked + Arena<T>.LengthOf((long)last.OutputRows(layout.Rows, layout.Batch) * last.OutputSize);
        backward += masked + (2 * largest) + SkippedOffset(layout, Spec.Stack.Length);
        return checked((int)Math.Max(forward, backward));
    }

    /// <summary>Number of rows of a layer's input.</summary>
    private int InputRows(SequenceLayout layout, int layer) => Spec.Stack[layer].InputRows(layout.Rows, layout.Batch);

    /// <summary>Number of rows of a layer's output.</summary>
    private int OutputRows(SequenceLayout layout, int layer) => Spec.Stack[layer].OutputRows(layout.Rows, layout.Batch);

    /// <summary>Numbers in the largest input or output of a layer.</summary>
    private long LargestLayer(SequenceLayout layout)
    {
        long largest = 0;
        foreach (StackLayer layer in Spec.Stack)
        {
            largest = Math.Max(largest, (long)layer.InputRows(layout.Rows, layout.Batch) * layer.InputSize);
            largest = Math.Max(largest, (long)layer.OutputRows(layout.Rows, layout.Batch) * layer.OutputSize);
        }

        return largest;
    }

    /// <summary>Number of features that a skip adds; 0 if the layer is no skip.</summary>
    private int SkippedSize(int layer) => Spec.Layers[layer] is SkipLayer skip ? skip.FeaturesOf(Spec.Stack[layer].InputSize) : 0;

    /// <summary>Start of the gradient of what a skip adds. The layer behind the last one starts at the end of all.</summary>
    private long SkippedOffset(SequenceLayout layout, int layer)
    {
        long offset = 0;
        for (int below = 0; below < layer; below++)
        {
            offset += Arena<T>.LengthOf((long)InputRows(layout, below) * SkippedSize(below));
        }

        return offset;
    }

    private readonly struct MakeDriver(NetworkSpec spec, int layer, Direction direction, WorkerPool? workers)
        : ICellVisitor<RecurrentDriver<T>>
    {
        public RecurrentDriver<T> Visit<TCell>(TCell cell)
            where TCell : struct, ICell => new RecurrentDriver<T, TCell>(spec, layer, direction, cell, workers);
    }
}
