using System.Numerics;
using SpanRnn.Cells.Description;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A <see cref="FinalStateLayer"/>: states of layers below, side by side.</summary>
internal sealed class FinalStateDriver<T>(StackLayer layer) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Forward(in LayerForward<T> call)
    {
        int batch = call.Layout.Batch;
        for (int sequence = 0; sequence < batch; sequence++)
        {
            Span<T> y = call.Y.Row(sequence);
            foreach (StateSlot state in layer.ReadStates)
            {
                state.In(call.State, batch).Slice(sequence * state.Size, state.Size).CopyTo(y);
                y = y[state.Size..];
            }
        }
    }

    /// <inheritdoc/>
    public override void Backward(in LayerBackward<T> call)
    {
        // The steps of the layer below are not read, only its states.
        call.Rows.Dx.Span.Clear();
        int batch = call.Layout.Batch;
        for (int sequence = 0; sequence < batch; sequence++)
        {
            ReadOnlySpan<T> dy = call.Rows.Dy.Row(sequence);
            foreach (StateSlot state in layer.ReadStates)
            {
                Span<T> dState = state.In(call.DState, batch).Slice(sequence * state.Size, state.Size);
                for (int i = 0; i < dState.Length; i++)
                {
                    dState[i] += dy[i];
                }

                dy = dy[state.Size..];
            }
        }
    }
}
