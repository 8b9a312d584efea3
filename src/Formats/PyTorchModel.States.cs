using SpanRnn.Cells;

namespace SpanRnn.Formats;

/// <content>
/// Initial and final states. PyTorch keeps h [L·D, N, P] and c [L·D, N, H] of all layers and directions, ordered layer × 2 + direction,
/// in two tensors; a network keeps each layer's h and c side by side, <see cref="NetworkSpec.States"/>.
/// </content>
public sealed partial class PyTorchModel
{
    /// <summary>The shape of h0 and hn, or of c0 and cn.</summary>
    /// <param name="kind">h or c.</param>
    /// <param name="batch">N.</param>
    /// <returns>[layers × directions, batch, size].</returns>
    /// <exception cref="ArgumentException">The network has no c.</exception>
    public int[] StateShape(StateKind kind, int batch)
    {
        StateSlot slot = Spec.State(0, Direction.Forward, kind)
            ?? throw new ArgumentException($"The network has no {kind} state, expected an LSTM.", nameof(kind));
        return [Spec.Layers.Length * Spec.Layers[0].Directions, batch, slot.Size];
    }

    /// <summary>state ← tensor, for one kind of state.</summary>
    /// <param name="kind">h or c.</param>
    /// <param name="batch">N.</param>
    /// <param name="tensor">[product of <see cref="StateShape"/>] in.</param>
    /// <param name="state">[batch × Spec.StateSize] out in the places of <paramref name="kind"/>, the others stay as they are.</param>
    /// <typeparam name="T">The element type.</typeparam>
    /// <exception cref="ArgumentException">The network has no c, or a length is wrong.</exception>
    public void ImportState<T>(StateKind kind, int batch, ReadOnlySpan<T> tensor, Span<T> state)
    {
        CheckLengths(kind, batch, tensor.Length, state.Length);
        foreach (StateSlot slot in Spec.States)
        {
            if (slot.Kind == kind)
            {
                Span<T> part = slot.In(state, batch);
                tensor[..part.Length].CopyTo(part);
                tensor = tensor[part.Length..];
            }
        }
    }

    /// <summary>tensor ← state, for one kind of state.</summary>
    /// <param name="kind">h or c.</param>
    /// <param name="batch">N.</param>
    /// <param name="state">[batch × Spec.StateSize] in.</param>
    /// <param name="tensor">[product of <see cref="StateShape"/>] out.</param>
    /// <typeparam name="T">The element type.</typeparam>
    /// <exception cref="ArgumentException">The network has no c, or a length is wrong.</exception>
    public void ExportState<T>(StateKind kind, int batch, ReadOnlySpan<T> state, Span<T> tensor)
    {
        CheckLengths(kind, batch, tensor.Length, state.Length);
        foreach (StateSlot slot in Spec.States)
        {
            if (slot.Kind == kind)
            {
                ReadOnlySpan<T> part = slot.In(state, batch);
                part.CopyTo(tensor);
                tensor = tensor[part.Length..];
            }
        }
    }

    private void CheckLengths(StateKind kind, int batch, int tensor, int state)
    {
        int[] shape = StateShape(kind, batch);
        long expected = (long)shape[0] * shape[1] * shape[2];
        if (tensor != expected)
        {
            throw new ArgumentException(
                $"'tensor' has {tensor} elements, expected {expected} = layers × directions × batch × size.", nameof(tensor));
        }

        if (state != (long)batch * Spec.StateSize)
        {
            throw new ArgumentException(
                $"'state' has {state} elements, expected {(long)batch * Spec.StateSize} = batch × Spec.StateSize.", nameof(state));
        }
    }
}
