namespace SpanRnn.Tests;

/// <summary>Examples of README.md and of the pages in docs. ReadmeTests compares the texts; here they run.</summary>
[Trait("Category", "Simd")]
public class ReadmeSnippets
{
    [Fact]
    public void Train()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");

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
        ModelFile.Save(path, spec, trainer.Parameters); // .safetensors or .onnx; appears whole or not at all
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
    public void LoadStream()
    {
        using var folder = new TemporaryFolder();
        string path = Saved(folder);

        // snippet: stream
        PackedNetwork network = ModelFile.Load(path).Pack(WeightPrecision.Fp32); // any format; any number of threads and streams share it
        StreamState stream = network.CreateStream(); // one per stream, starting as the file says: initial states, steps of zeros, skips
        float[] x = new float[network.InputSize], y = new float[network.OutputSize];
        stream.Step(x, y); // one step: allocates nothing, takes no lock
        stream.Reset(); // back to the start
        // end

        Assert.Contains(y, value => value != 0);
    }

    [Fact]
    public void WholeArrays()
    {
        using var folder = new TemporaryFolder();
        string path = Saved(folder);
        const int steps = 4, batch = 2, inputs = 2;
        float[] x = new float[steps * batch * inputs];
        int[] lengths = [4, 1];

        // snippet: arrays
        var runner = new ModelRunner(ModelFile.Load(path));
        IReadOnlyDictionary<string, NpyArray> outputs = runner.Run(new Dictionary<string, NpyArray>
        {
            ["x"] = NpyArray.From<float>([steps, batch, inputs], x), // or NpyArray.Load("x.npy")
            ["lengths"] = NpyArray.From<int>([batch], lengths),
        });
        float[] y = outputs["y"].ToSingles(); // [steps, batch, outputs]; outputs["hn"] is the final state
        // end

        Assert.Equal(new float[3], y[^3..]);
    }

    [Fact]
    public void Products()
    {
        const int rows = 3, inner = 4, columns = 5, batch = 2;
        float[] a = Ones(rows * inner), b = Ones(inner * columns), bT = Ones(columns * inner), c = new float[rows * columns];
        float[] x = Ones(inner), y = new float[rows], xs = Ones(batch * inner), ys = new float[batch * rows];

        // snippet: matrices
        float[] workspace = new float[Matrix.WorkspaceLength<float>(rows, inner, columns)];
        Matrix.Multiply<float>(a, b, rows, inner, columns, c, workspace); // C ← A·B
        Matrix.MultiplyTransposedRightAdd<float>(a, bT, rows, inner, columns, c, workspace); // C ← A·Bᵀ + C
        var weights = new PackedMatrix<float>(a, rows, inner);
        weights.Multiply(x, batch: 1, y); // y ← A·x
        weights.MultiplyAdd(xs, batch, ys); // Y ← X·Aᵀ + Y
        // end

        Assert.All(c, value => Assert.Equal(8, value));
        Assert.All([.. y, .. ys], value => Assert.Equal(4, value));

        static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];
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

    private static string Saved(TemporaryFolder folder)
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 12), new DenseLayer(3));
        float[] parameters = new float[spec.Parameters.Length];
        new RandomSource(1).Fill(parameters, -1, 1);
        ModelFile.Save(folder.File("model.safetensors"), spec, parameters);
        return folder.File("model.safetensors");
    }
}
