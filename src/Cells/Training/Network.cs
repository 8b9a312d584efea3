using System.Numerics;
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
    // The directions of every layer; a dense layer has none.
    private readonly RecurrentDriver<T>[][] _layers;

    // The dense layers by their index, then the head; null for a recurrent layer, and if there is no head.
    private readonly DenseDriver<T>?[] _dense;

    /// <summary>Makes the network of a description. Allocates.</summary>
    /// <param name="spec">Its layers and head.</param>
    /// <param name="workers">Threads that share the work; null for the caller's thread only. The bits do not depend on it.</param>
    public Network(NetworkSpec spec, WorkerPool? workers = null)
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        _layers = new RecurrentDriver<T>[spec.Layers.Length][];
        _dense = new DenseDriver<T>?[_layers.Length + 1];
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            LayerSpec description = spec.Layers[layer];
            _layers[layer] = [];
            if (!description.IsRecurrent)
            {
                _dense[layer] = new DenseDriver<T>(
                    spec.Slot(layer, Direction.Forward, ParameterRole.InputWeights)!,
                    spec.Slot(layer, Direction.Forward, ParameterRole.InputBias),
                    DenseOutput.Of(description));
                continue;
            }

            _layers[layer] = new RecurrentDriver<T>[description.DirectionCount];
            for (int i = 0; i < description.DirectionCount; i++)
            {
                Direction direction = description.Directions[i];
                _layers[layer][i] = CellTypes.Visit<RecurrentDriver<T>, MakeDriver>(
                    description.For(direction), new MakeDriver(spec, layer, direction, workers));
            }
        }

        if (spec.Head is not null)
        {
            _dense[^1] = new DenseDriver<T>(spec.HeadWeights!, spec.HeadBias, DenseOutput.Of(spec.Head));
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
        return checked((int)TapeOffset(layout, _dense.Length, 0));
    }

    /// <summary>Numbers in the workspace of <see cref="Forward"/> and of <see cref="Backward"/> for a batch.</summary>
    /// <param name="layout">The shape of the batch.</param>
    /// <returns>The length.</returns>
    public int WorkspaceLength(SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        long forward = 0;
        long backward = 0;
        foreach (RecurrentDriver<T>[] layer in _layers)
        {
            foreach (RecurrentDriver<T> driver in layer)
            {
                forward = Math.Max(forward, driver.ForwardWorkspaceLength(layout));
                backward = Math.Max(backward, driver.BackwardWorkspaceLength(layout));
            }
        }

        for (int layer = 0; layer < _dense.Length; layer++)
        {
            int rows = InputRows(layout, layer);
            forward = Math.Max(forward, _dense[layer]?.ForwardWorkspaceLength(rows) ?? 0);
            backward = Math.Max(backward, _dense[layer]?.BackwardWorkspaceLength(rows) ?? 0);
        }

        // Forward: the scratch of a driver, and the rows of the output for the head. Backward: the gradients of two layers, and the
        // scratch of a driver. Behind dropout a driver also has the rows of its masked input.
        long widest = Arena<T>.LengthOf((long)MostRows(layout) * WidestRow);
        long masked = _layers.Length > 1 ? widest : 0;
        forward += masked + Arena<T>.LengthOf((long)MostRows(layout) * Spec.OutputSize);
        backward += masked + (2 * widest) + Arena<T>.LengthOf((long)layout.Batch * LastStatesSize);
        return checked((int)Math.Max(forward, backward));
    }

    /// <summary>Rows of the largest matrix. Layers with one row per sequence may have more rows than there are live steps.</summary>
    private int MostRows(SequenceLayout layout) => Spec.IsManyToOne ? Math.Max(layout.Rows, layout.Batch) : layout.Rows;

    /// <summary>Number of rows that enter a layer, or the head behind the last layer.</summary>
    private int InputRows(SequenceLayout layout, int layer) => Spec.IsPerSequence(layer) ? layout.Batch : layout.Rows;

    /// <summary>The largest size of a row: of the input, the layers and the output.</summary>
    private int WidestRow
    {
        get
        {
            int widest = Math.Max(Spec.InputSize, Spec.OutputSize);
            foreach (LayerSpec layer in Spec.Layers)
            {
                widest = Math.Max(widest, layer.OutputSize);
            }

            return widest;
        }
    }

    private readonly struct MakeDriver(NetworkSpec spec, int layer, Direction direction, WorkerPool? workers)
        : ICellVisitor<RecurrentDriver<T>>
    {
        public RecurrentDriver<T> Visit<TCell>(TCell cell)
            where TCell : struct, ICell => new RecurrentDriver<T, TCell>(spec, layer, direction, cell, workers);
    }
}
