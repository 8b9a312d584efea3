using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// One direction of one recurrent layer over the live rows of a batch. It knows lengths, directions and projections, and knows a cell
/// through <see cref="ICell"/> only.
/// </summary>
internal abstract class RecurrentDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    protected RecurrentDriver(NetworkSpec spec, int layer, Direction direction)
    {
        RecurrentLayer layerSpec = spec.Stack[layer].Recurrent!;
        Layer = layerSpec.For(direction);
        Direction = direction;
        InputSize = spec.LayerInputSize(layer);
        HiddenSize = layerSpec.HiddenSize;
        StateSize = layerSpec.StateSize;
        InputWeights = spec.Slot(layer, direction, ParameterRole.InputWeights)!;
        RecurrentWeights = spec.Slot(layer, direction, ParameterRole.RecurrentWeights)!;
        InputBias = spec.Slot(layer, direction, ParameterRole.InputBias);
        RecurrentBias = spec.Slot(layer, direction, ParameterRole.RecurrentBias);
        ProjectionWeights = spec.Slot(layer, direction, ParameterRole.ProjectionWeights);
        Peepholes = spec.Slot(layer, direction, ParameterRole.Peepholes);
        HiddenState = spec.State(layer, direction, StateKind.Hidden)!;
        CellState = spec.State(layer, direction, StateKind.Cell);
    }

    /// <summary>Numbers on the tape for a batch.</summary>
    public abstract long TapeLength(SequenceLayout layout);

    /// <summary>Numbers in the workspace of <see cref="Forward"/> for a batch.</summary>
    public abstract long ForwardWorkspaceLength(SequenceLayout layout);

    /// <summary>Numbers in the workspace of <see cref="Backward"/> for a batch.</summary>
    public abstract long BackwardWorkspaceLength(SequenceLayout layout);

    protected RecurrentLayer Layer { get; }

    protected Direction Direction { get; }

    protected int InputSize { get; }

    protected int HiddenSize { get; }

    protected int StateSize { get; }

    protected ParameterSlot InputWeights { get; }

    protected ParameterSlot RecurrentWeights { get; }

    protected ParameterSlot? InputBias { get; }

    protected ParameterSlot? RecurrentBias { get; }

    /// <summary>True if there are biases, two for each gate.</summary>
    [MemberNotNullWhen(true, nameof(InputBias), nameof(RecurrentBias))]
    protected bool HasBiases => InputBias is not null && RecurrentBias is not null;

    protected ParameterSlot? ProjectionWeights { get; }

    protected ParameterSlot? Peepholes { get; }

    protected StateSlot HiddenState { get; }

    protected StateSlot? CellState { get; }

    /// <summary>
    /// All steps forward. <paramref name="x"/>: [R, I] in. <paramref name="mask"/>: the mask of h′ where it enters U, [N, P] by sorted
    /// index, or no rows. <paramref name="state"/>: the state of the network, enters as the initial and leaves as the final one.
    /// <paramref name="y"/>: [R, P] out. The tape is filled for <see cref="Backward"/>.
    /// </summary>
    public abstract void Forward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        MatrixView<T> x,
        MatrixView<T> mask,
        Span<T> state,
        MatrixView<T> y,
        Span<T> tape,
        Span<T> workspace);

    /// <summary>
    /// All steps backward, with the mask of forward. <paramref name="dState"/> enters as the gradient of the final state and leaves as the
    /// gradient of the initial state. <paramref name="gradients"/> are added to. <paramref name="norms"/>, [T] or empty: norm ←
    /// √(norm² + ‖∂L/∂h‖²) for each step.
    /// </summary>
    public abstract void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        in LayerRows<T> rows,
        MatrixView<T> mask,
        ReadOnlySpan<T> tape,
        Span<T> dState,
        Span<T> gradients,
        Span<double> norms,
        Span<T> workspace);
}
