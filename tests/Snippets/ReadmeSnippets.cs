using SpanRnn.Cells;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Tests;

/// <summary>The examples of README.md. ReadmeTests holds the text of both against each other; here they run.</summary>
[Trait("Category", "Simd")]
public class ReadmeSnippets
{
    [Fact]
    public void Train()
    {
        // snippet: train
        // Which of two signals has the larger sum? Sequences of 1 to 9 steps, two inputs per step, one logit at the end.
        var spec = new NetworkSpec(2, new LayerSpec(CellKind.Lstm, 12), new HeadSpec(1, HeadPosition.LastStep));
        var network = new Network<float>(spec);
        var random = new RandomSource(1);
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        var gradients = new AlignedBuffer<float>(spec.Parameters.Length);
        var adam = new Adam<float>(spec.Parameters.Length) { LearningRate = 1e-2 };
        spec.Initialise(parameters.Span, random);

        const int Steps = 9, Batch = 32;
        var layout = new SequenceLayout();
        layout.Set(Steps, Batch);
        var pool = new BufferPool<float>();
        int[] lengths = new int[Batch];
        float[] x = new float[network.InputLength(layout)];
        float[] target = new float[network.OutputLength(layout)];
        float[] y = new float[target.Length];
        float[] dy = new float[target.Length];
        float[] state = new float[network.StateLength(Batch)];

        float loss = 0;
        for (int i = 0; i < 300; i++)
        {
            for (int b = 0; b < Batch; b++)
            {
                lengths[b] = 1 + random.NextInt(Steps);
                float difference = 0;
                for (int t = 0; t < lengths[b]; t++)
                {
                    Span<float> here = x.AsSpan(((t * Batch) + b) * 2, 2); // x is [T, N, I]
                    here[0] = (float)random.NextDouble();
                    here[1] = (float)random.NextDouble();
                    difference += here[0] - here[1];
                }

                target[b] = difference > 0 ? 1 : 0;
            }

            layout.Set(Steps, lengths); // steps beyond a sequence's length are neither read nor computed
            using PooledBuffer<float> tape = pool.Rent(network.TapeLength(layout));
            using PooledBuffer<float> workspace = pool.Rent(network.WorkspaceLength(layout));

            Array.Clear(state);
            network.Forward(parameters.Span, layout, x, state, y, tape.Span, workspace.Span);
            loss = Losses.BinaryCrossEntropyWithLogits<float>(y, target, dy);

            gradients.Span.Clear(); // gradients add up until they are cleared
            Array.Clear(state); // now the gradient of the final state, which the loss does not see
            network.Backward(parameters.Span, layout, tape.Span, dy, state, [], gradients.Span, workspace.Span); // []: no dx wanted
            Gradients.ClipNorm(gradients.Span, 1);
            adam.Step(parameters.Span, gradients.Span);
        }

        Console.WriteLine($"loss {loss:f2}"); // about 0.3; always answering ½ would be 0.69
        // end

        Assert.InRange(loss, 0, 0.4f);
    }

    [Fact]
    public void SaveLoadStream()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        var spec = new NetworkSpec(2, new LayerSpec(CellKind.Lstm, 12), new HeadSpec(1, HeadPosition.LastStep));
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        spec.Initialise(parameters.Span, new RandomSource(1));

        // snippet: stream
        using (var files = new AtomicFiles())
        {
            files.Add(path, PyTorchModel.ToBytes<float>(spec, parameters.Span));
            files.Commit();
        }

        var model = PyTorchModel.Read(path);
        var packed = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span); // once; any number of threads and streams share it
        var state = new StreamState(packed); // one per stream; zeros are the start, Reset returns to it
        float[] answer = new float[model.Spec.OutputSize];
        packed.WarmUp(); // compiles everything, so that the first step is as fast as any

        float[][] signal = [[0.1f, 0.7f], [0.9f, 0.2f]];
        foreach (float[] step in signal)
        {
            packed.Step(step, state, answer); // allocates nothing, takes no lock
            Activations.Apply<float>(Activation.Sigmoid, answer, answer);
            Console.WriteLine($"probability {answer[0]:f3}");
        }
        // end

        Assert.InRange(answer[0], 0, 1);
    }

    [Fact]
    public void GradientOfAnOwnCell()
    {
        // snippet: gradcheck
        // A cell of one's own: h ← h + tanh(w·x) − u·h, over a sequence; the loss is the last h.
        double[] x = [0.5, -1, 2];
        double[] point = [0.3, 0.2]; // w, u
        double Loss(ReadOnlySpan<double> p)
        {
            double h = 0;
            foreach (double xt in x)
            {
                h += Math.Tanh(p[0] * xt) - (p[1] * h);
            }

            return h;
        }

        // Its gradient by hand: dh/dw and dh/du carried along with h.
        double[] Gradient(double w, double u)
        {
            double h = 0, dw = 0, du = 0;
            foreach (double xt in x)
            {
                double g = Math.Tanh(w * xt);
                dw += (xt * (1 - (g * g))) - (u * dw);
                du += -h - (u * du);
                h += g - (u * h);
            }

            return [dw, du];
        }

        GradientCheckResult result = GradientCheck.Run<double>(Loss, point, Gradient(point[0], point[1]));
        Console.WriteLine(result); // worst of 2: element 1, analytic 0.0530965587, numeric 0.0530965586, …: passed
        // end

        Assert.True(result.Passed, result.ToString());
        Assert.False(GradientCheck.Run<double>(Loss, point, [0, 0]).Passed);
    }

    [Fact]
    public void WeightSharingByHand()
    {
        // snippet: weights
        // q ← w1·q + w2·x, one unit, identity; inputs 1 0 1, target 15, loss (y − q)² of the last q.
        var spec = new NetworkSpec(1, new LayerSpec(CellKind.Elman, 1) { Activation = Activation.Identity, Bias = false });
        var network = new Network<double>(spec);
        var layout = new SequenceLayout();
        layout.Set(3, 1);
        double[] parameters = new double[spec.Parameters.Length];
        ParameterSlot w1 = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!;
        ParameterSlot w2 = spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!;
        parameters[w1.Offset] = 4;
        parameters[w2.Offset] = 1;

        double[] x = [1, 0, 1];
        double[] state = [0];
        double[] y = new double[3];
        double[] tape = new double[network.TapeLength(layout)];
        double[] workspace = new double[network.WorkspaceLength(layout)];
        network.Forward(parameters, layout, x, state, y, tape, workspace);
        double prediction = state[0]; // 4·(4·1 + 0) + 1 = 17

        double[] dState = [2 * (prediction - 15)];
        double[] gradients = new double[parameters.Length];
        network.Backward(parameters, layout, tape, new double[3], dState, [], gradients, workspace);
        double dw1 = gradients[w1.Offset]; // 2·2·(4 + 4 + 0) = 32: the same weight at three steps, three contributions
        double dw2 = gradients[w2.Offset]; // 2·2·(16 + 0 + 1) = 68
        // end

        Assert.Equal((17.0, 32.0, 68.0), (prediction, dw1, dw2));
    }
}
