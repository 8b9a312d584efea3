using SpanRnn.Core;
using SpanRnn.Core.Matrices;

namespace SpanRnn;

/// <content>Initial states.</content>
public sealed partial class Network<T>
{
    /// <summary>state ← the initial states: trained ones where a layer has them, zeros elsewhere.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="batch">N.</param>
    /// <param name="state">[StateLength(N)] out.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or the arguments share memory; nothing has been written then.
    /// </exception>
    /// <remarks>Allocates nothing.</remarks>
    public void WriteInitialState(ReadOnlySpan<T> parameters, int batch, Span<T> state)
    {
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length<T>(state, StateLength(batch), "StateLength(batch)");
        Guard.NoOverlap(state, parameters);
        state.Clear();
        for (int i = 0; i < Spec.InitialStates.Length; i++)
        {
            if (Spec.InitialStates[i] is not { } initial)
            {
                continue;
            }

            Span<T> rows = Spec.States[i].In(state, batch);
            for (int sequence = 0; sequence < batch; sequence++)
            {
                initial.In(parameters).CopyTo(rows[(sequence * initial.Length)..]);
            }
        }
    }

    /// <summary>Adds ∂L/∂(initial state), as Backward left it, to the gradients of trained initial states, summed over the batch.</summary>
    /// <param name="batch">N.</param>
    /// <param name="dState">[StateLength(N)] in.</param>
    /// <param name="gradients">[Spec.Parameters.Length] added to.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or the arguments share memory; nothing has been written then.
    /// </exception>
    /// <remarks>Allocates nothing. Sequences are added in their order.</remarks>
    public void AddInitialStateGradients(int batch, ReadOnlySpan<T> dState, Span<T> gradients)
    {
        Guard.Length(dState, StateLength(batch), "StateLength(batch)");
        Guard.Length<T>(gradients, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.NoOverlap(gradients, dState);
        for (int i = 0; i < Spec.InitialStates.Length; i++)
        {
            if (Spec.InitialStates[i] is { } initial)
            {
                MatrixProduct.AddColumnSums(
                    new MatrixView<T>(Spec.States[i].In(dState, batch), batch, initial.Length), initial.In(gradients));
            }
        }
    }
}
