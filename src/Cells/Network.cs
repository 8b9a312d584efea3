using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn.Cells;

/// <summary>
/// Runs what a <see cref="NetworkSpec"/> describes: one step of a stream, whole sequences over a batch, and backpropagation through
/// time. It holds no parameters and no state, only the shape of the computation.
/// </summary>
/// <remarks>
/// <para>Every buffer is the caller's, of a length asked of this object: <c>parameters</c> and <c>gradients</c> live with the network
/// (Spec.Parameters.Length), <c>state</c> with a stream (<see cref="StateLength"/>; zeros are the start), <c>tape</c> from a forward to
/// its backward (<see cref="TapeLength"/>), <c>workspace</c> for one call (<see cref="WorkspaceLength"/>,
/// <see cref="StepWorkspaceLength"/>; its content is undefined before and after). A <see cref="BufferPool{T}"/> lends tapes and
/// workspaces.</para>
/// <para>All calls allocate nothing, take no lock, and may run at the same time on different threads with buffers of their own. They
/// throw <see cref="ArgumentException"/> for a wrong length or for memory shared between an output and any other argument before
/// anything is written.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed partial class Network<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Makes the network of a description. Allocates.</summary>
    /// <param name="spec">Its layers and head.</param>
    public Network(NetworkSpec spec)
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
    }

    /// <summary>The description.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Numbers in the state of a batch: batch × Spec.StateSize, each state [batch, size] as <see cref="StateSlot"/> says.</summary>
    public int StateLength(int batch) => checked(batch * Spec.StateSize);

    /// <summary>Numbers in the input of a batch: steps × batch × inputSize.</summary>
    public int InputLength(SequenceLayout layout) => checked(layout.Steps * layout.Batch * Spec.InputSize);

    /// <summary>
    /// Numbers in the output of a batch: steps × batch × outputSize, or batch × outputSize with a head on the last step.
    /// </summary>
    public int OutputLength(SequenceLayout layout) => throw new NotSupportedException();

    /// <summary>Numbers in the tape of a batch.</summary>
    public int TapeLength(SequenceLayout layout) => throw new NotSupportedException();

    /// <summary>Numbers in the workspace of <see cref="Forward"/> and of <see cref="Backward"/> for a batch.</summary>
    public int WorkspaceLength(SequenceLayout layout) => throw new NotSupportedException();

    /// <summary>Numbers in the workspace of <see cref="Step"/>.</summary>
    public int StepWorkspaceLength => throw new NotSupportedException();

    /// <summary>One step of one stream.</summary>
    public void Step(ReadOnlySpan<T> parameters, ReadOnlySpan<T> x, Span<T> state, Span<T> y, Span<T> workspace) =>
        throw new NotSupportedException();

    /// <summary>Whole sequences: state enters as the initial and leaves as the final one; time-major x [T, N, I], y [T, N, O] (zeros in padding) or [N, O].</summary>
    public void Forward(
        ReadOnlySpan<T> parameters, SequenceLayout layout, ReadOnlySpan<T> x, Span<T> state, Span<T> y, Span<T> tape, Span<T> workspace) =>
        throw new NotSupportedException();

    /// <summary>Backpropagation through time: dState enters as dL/d(final state), leaves as dL/d(initial state); gradients are added to; dx overwritten (or empty: not wanted).</summary>
    public void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        ReadOnlySpan<T> tape,
        ReadOnlySpan<T> dy,
        Span<T> dState,
        Span<T> dx,
        Span<T> gradients,
        Span<T> workspace) => throw new NotSupportedException();
}
