using SpanRnn.Cells.Description;
using SpanRnn.Cells.Sequences;
using SpanRnn.Cells.Training;
using SpanRnn.Cells.Training.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <content>Whole sequences forward.</content>
public sealed partial class Network<T>
{
    /// <summary>Runs whole sequences and keeps on the tape what <see cref="Backward"/> needs.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="layout">Steps T, batch N and the length of each sequence.</param>
    /// <param name="x">[T, N, I] in, time-major; steps beyond a sequence's length are not read.</param>
    /// <param name="state">
    /// [StateLength(N)] in and out: enters as the initial state and leaves as the final state, which each sequence has after its own last
    /// step.
    /// </param>
    /// <param name="y">
    /// [T, N, O] out, zeros beyond a sequence's length; [N, O] if Spec.IsManyToOne. A sequence of length 0 does not change its state; what
    /// a pooling makes of it stands with each of them.
    /// </param>
    /// <param name="tape">[TapeLength(layout)] out.</param>
    /// <param name="workspace">[WorkspaceLength(layout)] undefined before and after.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or an output shares memory with another argument; nothing has been written then.
    /// </exception>
    /// <remarks>Allocates nothing. The input projection of all steps is one product before the recurrence.</remarks>
    public void Forward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        ReadOnlySpan<T> x,
        Span<T> state,
        Span<T> y,
        Span<T> tape,
        Span<T> workspace) => ForwardMasked(parameters, layout, x, state, y, tape, workspace, dropout: null);

    /// <summary>Runs <see cref="Forward"/> with masks that were drawn for this layout; null for none.</summary>
    internal void ForwardMasked(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        ReadOnlySpan<T> x,
        Span<T> state,
        Span<T> y,
        Span<T> tape,
        Span<T> workspace,
        Dropout<T>? dropout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length(x, Spec.InputLength(layout.Steps, layout.Batch), "Spec.InputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(state, StateLength(layout.Batch), "StateLength(layout.Batch)");
        Guard.Length<T>(y, Spec.OutputLength(layout.Steps, layout.Batch), "Spec.OutputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(tape, TapeLength(layout), "TapeLength(layout)");
        Guard.Length<T>(workspace, WorkspaceLength(layout), "WorkspaceLength(layout)");
        Guard.NoOverlap(state, parameters, x);
        Guard.NoOverlap(y, parameters, x, state);
        Guard.NoOverlap(tape, parameters, x, state, y);
        Guard.NoOverlap(workspace, parameters, x, state, y, tape);
        Check(dropout, layout);

        SequenceRows.Gather(layout, x, Spec.InputSize, Input(layout, tape, 0).Span);
        MatrixView<T> output = default;
        for (int i = 0; i < Spec.Stack.Length; i++)
        {
            StackLayer layer = Spec.Stack[i];
            Arena<T> scratch = new(workspace);
            MatrixView<T> input = Masked(Input(layout, tape, i), dropout, i, ref scratch);
            output = KeepsOutput(i) ? Output(layout, tape, i) : scratch.Take(OutputRows(layout, i), layer.OutputSize);
            _drivers[i]?.Forward(new LayerForward<T>
            {
                Parameters = parameters,
                Layout = layout,
                State = state,
                X = input,
                Skipped = Skipped(layout, tape, i),
                Y = output,
                Tape = tape[KeptOffset(layout, i, 0)..],
                Workspace = scratch.Rest,
            });
            for (int direction = 0; direction < _recurrent[i].Length; direction++)
            {
                Span<T> kept = tape[KeptOffset(layout, i, direction)..];
                MatrixView<T> mask = dropout is null ? default : dropout.Recurrent(i, direction);
                _recurrent[i][direction].Forward(
                    parameters, layout, input, mask, state, layer.Columns(output, direction), kept, scratch.Rest);
            }
        }

        if (Spec.IsManyToOne)
        {
            output.Span.CopyTo(y);
        }
        else
        {
            SequenceRows.Scatter(layout, output, y);
        }
    }

    // The input of a layer after dropout. Backward computes it again, so the tape does not hold it.
    private static MatrixView<T> Masked(MatrixView<T> below, Dropout<T>? dropout, int layer, scoped ref Arena<T> scratch)
    {
        MatrixView<T> mask = dropout is null ? default : dropout.Between(layer);
        if (mask.Rows == 0)
        {
            return below;
        }

        MatrixView<T> masked = scratch.Take(below.Rows, below.Columns);
        MatrixProduct.MultiplyElements(below, mask, masked);
        return masked;
    }

    private void Check(Dropout<T>? dropout, SequenceLayout layout)
    {
        if (dropout is not null && !dropout.Fits(Spec, layout))
        {
            throw new ArgumentException(
                "'dropout' has masks of another network or batch, expected masks drawn for this one.", nameof(dropout));
        }
    }
}
