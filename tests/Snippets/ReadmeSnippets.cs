using SpanRnn.Formats.Files;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>Examples of README.md. ReadmeTests compares the two texts; here they run.</summary>
[Trait("Category", "Simd")]
public class ReadmeSnippets
{
    [Fact]
    public void Train()
    {
        // snippet: train
        // Which of two signals has the larger sum? Sequences of 1 to 9 steps, two inputs per step, one logit at the end.
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 12), new FinalStateLayer(), new DenseLayer(1));
        var data = new SequenceData<float>(spec, Loss.BinaryCrossEntropy);
        var random = new RandomSource(1);
        for (int i = 0; i < 3000; i++)
        {
            float[] x = new float[2 * (1 + random.NextInt(9))]; // [steps, 2]
            random.Fill(x, 0, 1);
            float difference = x.Select((value, k) => k % 2 == 0 ? value : -value).Sum();
            data.Add(x, [difference > 0 ? 1f : 0f]);
        }

        (SequenceData<float> training, SequenceData<float> validation) = data.Split(0.2, seed: 1);
        var options = new TrainerOptions(Loss.BinaryCrossEntropy) { ClipNorm = 1, Threads = 2 };
        using var trainer = new Trainer<float>(spec, new Adam<float>(spec.Parameters.Length) { LearningRate = 0.01 }, options);
        var batches = new BatchReader<float>(training, 32) { Shuffle = true };
        var fit = new FitOptions(Epochs: 50) { Patience = 5, Report = epoch => Console.WriteLine(epoch) };
        EpochReport best = trainer.Fit(batches, validation, fit); // trainer.Parameters are now those of the best epoch
        Console.WriteLine($"epoch {best.Epoch}: loss {best.TrainingLoss:f2}, validation {best.ValidationLoss:f2}"); // about 0.1 and 0.06
        // end

        Assert.True(best.ValidationLoss < 0.2, $"The validation loss is {best.ValidationLoss}, expected below 0.2.");
        Assert.Equal(best.ValidationLoss, trainer.Evaluate(validation, 32));
    }

    [Fact]
    public void TrainWithCheckpoints()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.safetensors");
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.GruResetAfter, 3));
        var data = new SequenceData<float>(spec, Loss.MeanSquaredError);
        var layout = new SequenceLayout();
        layout.Set(4, 40);
        data.AddBatch(layout, new float[4 * 40], new float[4 * 40 * 3]);
        Assert.Equal(10, Run());
        Assert.Equal(10, Run());

        long Run()
        {
            using var trainer = new Trainer<float>(
                spec, new Adam<float>(spec.Parameters.Length), new TrainerOptions(Loss.MeanSquaredError));
            var batches = new BatchReader<float>(data, 32) { Shuffle = true };

            // snippet: checkpoint
            if (File.Exists(path))
            {
                TrainingCheckpoint.Load(path).Restore(trainer, batches); // goes on with the bits of a run that never stopped
            }

            while (batches.Epoch < 5)
            {
                trainer.Step(batches.Next()); // allocates nothing from the second step on
                if (batches.Position == 0)
                {
                    TrainingCheckpoint.Save(path, trainer, batches);
                }
            }
            // end

            return trainer.Steps;
        }
    }

    [Fact]
    public void SaveLoadStream()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 12), new FinalStateLayer(), new DenseLayer(1));
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        spec.Initialize(parameters.Span, new RandomSource(1));

        // snippet: stream
        using (var files = new AtomicFiles())
        {
            files.Add(path, PyTorchWriter.ToBytes<float>(spec, parameters.Span));
            files.Commit();
        }

        RecurrentModel model = ModelFile.Load(path);
        var packed = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span); // once; any number of threads and streams share it
        StreamState state = packed.CreateStream(); // one per stream; zeros are the start, Reset returns to it
        float[] answer = new float[model.Spec.OutputSize];
        packed.WarmUp(); // compiles everything, so that the first step is as fast as any

        float[][] signal = [[0.1f, 0.7f], [0.9f, 0.2f]];
        foreach (float[] step in signal)
        {
            state.Step(step, answer); // allocates nothing, takes no lock
            Activations.Apply<float>(ActivationKind.Sigmoid, answer, answer);
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
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Identity, Bias = false });
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
        network.Backward(parameters, layout, tape, new() { Dy = new double[3], DState = dState, Gradients = gradients }, workspace);
        double dw1 = gradients[w1.Offset]; // 2·2·(4 + 4 + 0) = 32: the same weight at three steps, three contributions
        double dw2 = gradients[w2.Offset]; // 2·2·(16 + 0 + 1) = 68
        // end

        Assert.Equal((17.0, 32.0, 68.0), (prediction, dw1, dw2));
    }
}
