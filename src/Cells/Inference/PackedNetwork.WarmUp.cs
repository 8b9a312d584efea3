using SpanRnn.Cells.Inference;

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
        var streams = new StreamState[heights[^1]];
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = CreateStream();
        }

        var layout = new SequenceLayout();
        layout.Set(2, [2, 1]);
        foreach (int height in heights)
        {
            WarmUp(layout, streams.AsSpan(0, height));
        }

        for (int call = 0; call < Calls; call++)
        {
            WarmUp(layout, streams.AsSpan(0, 2));
        }
    }

    private void WarmUp(SequenceLayout layout, ReadOnlySpan<StreamState> streams)
    {
        int rows = Math.Max(streams.Length, layout.Steps * layout.Batch);
        float[] x = new float[checked(rows * Spec.InputSize)];
        float[] y = new float[checked(rows * Spec.OutputSize)];
        if (streams.Length == layout.Batch)
        {
            var workspace = new AlignedBuffer<float>(RunWorkspaceLength(layout));
            Span<float> inputs = x.AsSpan(0, Spec.InputLength(layout.Steps, layout.Batch));
            Run(layout, inputs, streams, y.AsSpan(0, Spec.OutputLength(layout.Steps, layout.Batch)), workspace.Span);
        }

        Embed([0], x.AsSpan(0, Spec.InputSize));
        if (_outputs != ClassifierOutputs.None)
        {
            Probabilities(y.AsSpan(0, OutputSize), y.AsSpan(0, OutputSize));
        }

        byte[] saved = new byte[streams[0].SavedLength];
        streams[0].Save(saved);
        streams[0].Restore(saved);
        streams[^1].CopyFrom(streams[0]);
        streams[0].Reset();
        if (_streams)
        {
            var workspace = new AlignedBuffer<float>(StepManyWorkspaceLength(streams.Length));
            StepMany(
                x.AsSpan(0, streams.Length * Spec.InputSize), streams, y.AsSpan(0, streams.Length * Spec.OutputSize), workspace.Span);

            // All rows as steps of one stream.
            int steps = streams.Length;
            streams[0].Run(x.AsSpan(0, steps * Spec.InputSize), y.AsSpan(0, Spec.OutputLength(steps, 1)));

            // Step is last, so that its code and the weights are in the nearest caches.
            streams[0].Step(0, y.AsSpan(0, Spec.OutputSize));
            streams[0].Step(x.AsSpan(0, Spec.InputSize), y.AsSpan(0, Spec.OutputSize));
        }
    }
}
