using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>No call of a training loop allocates, for every cell, variant and chain, in both precisions.</summary>
[Trait("Category", "Simd")]
public class NetworkAllocationTests
{
    [Fact]
    public void Forward_and_backward_allocate_nothing()
    {
        foreach (NetworkSpec spec in Variants.All)
        {
            ForwardAndBackward<float>(spec);
            ForwardAndBackward<double>(spec);
        }
    }

    [Fact]
    public void Hard_steps_allocate_nothing_forward()
    {
        var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 5) { Activation = ActivationKind.HardStep });
        NetworkRun<double> run = Run<double>(spec);
        Allocation.AssertNone(run.Forward);
    }

    [Fact]
    public void A_training_loop_with_pooled_buffers_allocates_nothing()
    {
        Training<float>(CellKind.Lstm);
        Training<double>(CellKind.GruResetAfter);
    }

    private static void ForwardAndBackward<T>(NetworkSpec spec)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkRun<T> run = Run<T>(spec);
        Allocation.AssertNone(run.Forward, $"Forward of {spec.Layers[0]}");
        Allocation.AssertNone(run.Backward, $"Backward of {spec.Layers[0]}");
        Allocation.AssertNone(() => _ = run.Network.TapeLength(run.Layout) + run.Network.WorkspaceLength(run.Layout));
    }

    private static NetworkRun<T> Run<T>(NetworkSpec spec)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var run = new NetworkRun<T>(spec, 4, [2, 4, 0]);
        spec.Initialize<T>(run.Parameters, new RandomSource(1));
        Array.Clear(run.DY);
        Array.Clear(run.DState);
        return run;
    }

    /// <summary>A loop as users write it: a new layout for every batch, pooled buffers, each loss, clipping, each optimizer.</summary>
    private static void Training<T>(CellKind cell)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var spec = new NetworkSpec(3, new RecurrentLayer(cell, 6), new FinalStateLayer(), new DenseLayer(2));
        var network = new Network<T>(spec);
        var layout = new SequenceLayout();
        var pool = new BufferPool<T>();
        var parameters = new AlignedBuffer<T>(spec.Parameters.Length);
        var gradients = new AlignedBuffer<T>(spec.Parameters.Length);
        spec.Initialize(parameters.Span, new RandomSource(1));
        var adam = new Adam<T>(spec.Parameters.Length);
        var adamW = new Adam<T>(spec.Parameters.Length) { WeightDecay = 0.01, DecoupledWeightDecay = true };
        var sgd = new Sgd<T>(spec.Parameters.Length) { Momentum = 0.9 };
        int[][] batches = [[5, 2, 0], [1, 4, 3], [5, 5, 5]];
        var x = new T[5 * 3 * 3];
        var y = new T[3 * 2];
        var dy = new T[3 * 2];
        var targets = new T[3 * 2];
        int[] labels = [0, 1, 1];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < batches.Length; i++)
            {
                layout.Set(5, batches[i]);
                using PooledBuffer<T> state = pool.Rent(network.StateLength(layout.Batch));
                using PooledBuffer<T> tape = pool.Rent(network.TapeLength(layout));
                using PooledBuffer<T> workspace = pool.Rent(network.WorkspaceLength(layout));
                state.Span.Clear();
                network.Forward(parameters.Span, layout, x, state.Span, y, tape.Span, workspace.Span);
                _ = i switch
                {
                    0 => Losses.MeanSquaredError<T>(y, targets, dy),
                    1 => Losses.SoftmaxCrossEntropy<T>(y, 2, labels, dy),
                    _ => Losses.BinaryCrossEntropyWithLogits<T>(y, targets, dy),
                };
                state.Span.Clear();
                gradients.Span.Clear();
                var buffers = new BackwardBuffers<T> { Dy = dy, DState = state.Span, Gradients = gradients.Span };
                network.Backward(parameters.Span, layout, tape.Span, buffers, workspace.Span);
                GradientClipping.ClipNorm(gradients.Span, T.One);
                adam.Step(parameters.Span, gradients.Span);
                adamW.Step(parameters.Span, gradients.Span);
                sgd.Step(parameters.Span, gradients.Span);
            }
        });
    }
}
