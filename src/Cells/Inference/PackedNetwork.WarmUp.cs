using SpanRnn.Core;

namespace SpanRnn.Cells;

/// <content>Compiling ahead.</content>
public sealed partial class PackedNetwork
{
    // More than the calls after which the runtime compiles a method again.
    private const int Calls = 64;

    /// <summary>
    /// Compiles every call and runs each a few times on states of its own, so that the first real one is as fast as any later one.
    /// Allocates; for start-up, not for a real-time thread. Once per precision and kind of network is enough for a process.
    /// </summary>
    public void WarmUp()
    {
        var layout = new SequenceLayout();
        layout.Set(3, [3, 1, 2]);
        StreamState[] states = [new(this), new(this), new(this)];
        float[] x = new float[InputLength(layout)];
        float[] y = new float[layout.Steps * layout.Batch * Spec.OutputSize];
        var workspace = new AlignedBuffer<float>(Math.Max(RunWorkspaceLength(layout), StepManyWorkspaceLength(states.Length)));
        Span<float> answer = y.AsSpan(0, OutputLength(layout));
        bool streams = true;
        foreach (LayerSpec layer in Spec.Layers)
        {
            streams &= !layer.Bidirectional;
        }

        byte[] saved = new byte[states[0].SavedLength];
        for (int call = 0; call < Calls; call++)
        {
            Run(layout, x, states, answer, workspace.Span[..RunWorkspaceLength(layout)]);
            if (streams)
            {
                Step(x.AsSpan(0, Spec.InputSize), states[0], y.AsSpan(0, Spec.OutputSize));
                for (int count = 1; count <= states.Length; count += states.Length - 1)
                {
                    StepMany(
                        x.AsSpan(0, count * Spec.InputSize),
                        states.AsSpan(0, count),
                        y.AsSpan(0, count * Spec.OutputSize),
                        workspace.Span[..StepManyWorkspaceLength(count)]);
                }
            }

            states[0].Save(saved);
            states[0].Restore(saved);
            states[1].CopyFrom(states[0]);
            states[0].Reset();
        }
    }
}
