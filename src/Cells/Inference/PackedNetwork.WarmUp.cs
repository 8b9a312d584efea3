namespace SpanRnn;

/// <content>Compilation ahead of the first call.</content>
public sealed partial class PackedNetwork
{
    // More calls than the runtime needs before it compiles a method again.
    private const int Calls = 40;

    /// <summary>
    /// Compiles all methods of inference and runs them some forty times on states of its own, so that the first real call is as fast as
    /// any later call. Allocates; for start-up, not for a real-time thread. A process compiles once for each kind of layer and each
    /// precision.
    /// </summary>
    public void WarmUp()
    {
        // Products of matrices have a kernel for each of these row counts.
        ReadOnlySpan<int> heights = [1, 2, 4, 6, 12];
        var states = new StreamState[heights[^1]];
        for (int i = 0; i < states.Length; i++)
        {
            states[i] = new StreamState(this);
        }

        var layout = new SequenceLayout();
        layout.Set(2, [2, 1]);
        foreach (int height in heights)
        {
            WarmUp(layout, states.AsSpan(0, height));
        }

        for (int call = 0; call < Calls; call++)
        {
            WarmUp(layout, states.AsSpan(0, 2));
        }
    }

    private void WarmUp(SequenceLayout layout, ReadOnlySpan<StreamState> states)
    {
        int rows = Math.Max(states.Length, layout.Steps * layout.Batch);
        float[] x = new float[checked(rows * Spec.InputSize)];
        float[] y = new float[checked(rows * Spec.OutputSize)];
        if (states.Length == layout.Batch)
        {
            var workspace = new AlignedBuffer<float>(RunWorkspaceLength(layout));
            Span<float> inputs = x.AsSpan(0, Spec.InputLength(layout.Steps, layout.Batch));
            Run(layout, inputs, states, y.AsSpan(0, Spec.OutputLength(layout.Steps, layout.Batch)), workspace.Span);
        }

        byte[] saved = new byte[states[0].SavedLength];
        states[0].Save(saved);
        states[0].Restore(saved);
        states[^1].CopyFrom(states[0]);
        states[0].Reset();
        if (_streams)
        {
            var workspace = new AlignedBuffer<float>(StepManyWorkspaceLength(states.Length));
            StepMany(
                x.AsSpan(0, states.Length * Spec.InputSize), states, y.AsSpan(0, states.Length * Spec.OutputSize), workspace.Span);

            // All rows as steps of one stream.
            int steps = states.Length;
            Run(x.AsSpan(0, steps * Spec.InputSize), states[0], y.AsSpan(0, Spec.OutputLength(steps, 1)));

            // Step is last, so that its code and the weights are in the nearest caches.
            Step(x.AsSpan(0, Spec.InputSize), states[0], y.AsSpan(0, Spec.OutputSize));
        }
    }
}
