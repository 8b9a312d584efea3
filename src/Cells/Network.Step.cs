using SpanRnn.Core;

namespace SpanRnn.Cells;

/// <content>One step of one stream.</content>
public sealed partial class Network<T>
{
    /// <summary>One step of one stream.</summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="x">[I] in.</param>
    /// <param name="state">[StateLength(1)] in and out; zeros are the start of a stream.</param>
    /// <param name="y">
    /// [O] out. A head on the last step gives here what it would give if the sequence ended with this step.
    /// </param>
    /// <param name="workspace">[StepWorkspaceLength] undefined before and after.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or an output shares memory with another argument; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer is bidirectional: it needs whole sequences.</exception>
    /// <remarks>Allocates nothing; for a real-time thread.</remarks>
    public void Step(ReadOnlySpan<T> parameters, ReadOnlySpan<T> x, Span<T> state, Span<T> y, Span<T> workspace)
    {
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length(x, Spec.InputSize, "Spec.InputSize");
        Guard.Length<T>(state, Spec.StateSize, "Spec.StateSize");
        Guard.Length<T>(y, Spec.OutputSize, "Spec.OutputSize");
        Guard.Length<T>(workspace, StepWorkspaceLength, "StepWorkspaceLength");
        Guard.NoOverlap(state, parameters);
        Guard.NoOverlap(state, x);
        Guard.NoOverlap(y, parameters);
        Guard.NoOverlap(y, x);
        Guard.NoOverlap<T>(y, state);
        Guard.NoOverlap(workspace, parameters);
        Guard.NoOverlap(workspace, x);
        Guard.NoOverlap<T>(workspace, state);
        Guard.NoOverlap<T>(workspace, y);
        CheckStreams();

        MatrixView<T> input = new(x, 1, Spec.InputSize);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer][0].Step(parameters, input, state, workspace);
            input = new(_hidden[layer].In(state, 1), 1, _hidden[layer].Size);
        }

        if (_head is null)
        {
            input.Row(0).CopyTo(y);
        }
        else
        {
            _head.Step(parameters, input, new MatrixView<T>(y, 1, Spec.OutputSize));
        }
    }

    private void CheckStreams()
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            if (_layers[layer].Length > 1)
            {
                throw new InvalidOperationException(
                    $"Layer {layer} is bidirectional and needs whole sequences; expected layers of one direction in a stream.");
            }
        }
    }
}
