using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Examples of the pages in docs, as <see cref="ReadmeSnippets"/> has those of README.md.</summary>
[Trait("Category", "Simd")]
public class DocsSnippets
{
    private const string Saved = "model.safetensors";

    [Fact]
    public void Sequences()
    {
        using var folder = new TemporaryFolder();
        (string path, string otherPath, string modelPath) = (folder.File("d.csv"), folder.File("o.csv"), folder.File(Saved));
        using (StreamWriter writer = File.CreateText(path))
        {
            SequenceTable.Write(writer, MadeSequences.AtLeast(600, 'G', 3, 1));
        }

        File.Copy(path, otherPath);

        // snippet: sequences
        var file = SequenceFile.Load(path); // a table, FASTA or text
        var task = SequenceTask.Of(file); // or SequenceTask.Of(file, TaskKind.Last)
        var options = new SequenceTrainingOptions { Epochs = 20, Epoch = epoch => Console.WriteLine(epoch) };
        using var training = new SequenceTraining(task, file, options);
        training.Run().Save(modelPath); // the best epoch, with all that prediction needs

        var model = SequenceModel.Load(modelPath);
        SequencePrediction prediction = model.Predict("ACGGTG");
        Console.WriteLine($"{prediction.Label} {prediction.Probability:p0}");
        var evaluation = SequenceEvaluation.Of(model, SequenceFile.Load(otherPath));
        Console.WriteLine($"{evaluation.MainName} {evaluation.Main}"); // beside evaluation.Baselines
        // end

        Assert.Contains(prediction.Label, model.Task.Labels);
        Assert.InRange(evaluation.Main.Value, 0.9, 1);
    }

    [Fact]
    public void SequenceQuestions()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("d.csv");
        SequenceRecord[] records = MadeSequences.AtLeast(60, 'G', 3, 1);
        using (StreamWriter writer = File.CreateText(path))
        {
            SequenceTable.Write(writer, records);
        }

        string modelPath = Train("m.safetensors", TaskKind.Classify);
        string nextPath = Train("n.safetensors", TaskKind.Next);

        // snippet: compare
        var file = SequenceFile.Load(path);
        var options = new SequenceTrainingOptions { HiddenSize = 16, Epochs = 5, Threads = 2 };
        var comparison = CellComparison.Of(SequenceTask.Of(file), file, seeds: 5, options, budget: TimeSpan.FromMinutes(2));
        foreach (ComparedNetwork network in comparison.BestOf(comparison.Networks)) // the best one, and all within the spread of it
        {
            Console.WriteLine($"{network.Cell} of {network.HiddenSize}: {comparison.ScoreName} {network.Mean:p1} ± {network.Deviation:p1}, "
                + $"{network.StepNanoseconds:f0} ns a streamed step, {network.StreamBytes} bytes a stream");
        }
        // end

        // snippet: generate
        var writing = SequenceModel.Load(nextPath); // a model of the next symbol
        var sampler = new SymbolSampler { Temperature = 0.8, TopCount = 3 };
        foreach (string symbol in writing.Generate(new GenerationOptions { Prime = "ACG", Length = 200, Sampler = sampler, Seed = 1 }))
        {
            Console.Write(symbol); // as soon as it is drawn
        }
        // end

        // snippet: encode
        var encoder = new SequenceEncoder(SequenceModel.Load(modelPath)); // the final state, or pooling: Pooling.Mean
        float[] vectors = new float[file.Records.Count * encoder.Size];
        encoder.Encode(file, vectors); // a row for each sequence, in the order of the file
        // end

        // snippet: forget
        var last = SequenceTask.Of(file, TaskKind.Last);
        var spec = new NetworkSpec(last.Alphabet!.Size, new RecurrentLayer(CellKind.Lstm, 32), new DenseLayer(last.Labels.Count));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(1), rememberedSteps: 40); // 0 for the usual starting values
        double[] norms = GradientOverTime.Of(new SequenceModel(last, spec, parameters), file);
        Console.WriteLine($"{norms.Length - 1} steps back the gradient is {norms[^1] / norms[0]:e1} of that at the end");
        // end

        Assert.True(comparison.Networks.Count >= 4);
        Assert.Contains(vectors, value => value != 0);
        Assert.InRange(norms[^1] / norms[0], 1e-300, 1e3);

        string Train(string name, TaskKind kind)
        {
            var small = new SequenceTrainingOptions { HiddenSize = 8, Epochs = 1 };
            var training = SequenceFile.Load(path);
            using var run = new SequenceTraining(SequenceTask.Of(training, kind), training, small);
            run.Run().Save(folder.File(name));
            return folder.File(name);
        }
    }

    [Fact]
    public void OneStream()
    {
        using var folder = new TemporaryFolder();
        string path = Save(folder, new NetworkSpec(1, new RecurrentLayer(CellKind.Lstm, 12), new DenseLayer(1)));

        // snippet: host
        // Set-up, on any thread: everything is allocated and compiled here.
        PackedNetwork network = ModelFile.Load(path).Pack();
        network.WarmUp();
        StreamState stream = network.CreateStream(); // one per channel

        // The real-time thread, for every buffer of samples: I and O of this model are 1.
        void Process(ReadOnlySpan<float> input, Span<float> output) => stream.Run(input, output);
        // end

        float[] samples = new float[64];
        Process(samples, samples);
        Assert.Equal(1, network.InputSize);
        Assert.DoesNotContain(0f, samples);
    }

    [Fact]
    public void Symbols()
    {
        var spec = new NetworkSpec(new EmbeddingSpec(256, 8), new RecurrentLayer(CellKind.Gru, 16), new DenseLayer(256));
        PackedNetwork network = Packed(spec);

        // snippet: symbols
        StreamState stream = network.CreateStream();
        float[] y = new float[network.OutputSize];
        foreach (byte letter in "What comes next?"u8)
        {
            stream.Step(letter, y); // the row of this symbol in the table, or one-hot without a table
        }

        network.Probabilities(y, y); // softmax of the logits; the sigmoid if there is one output
        int next = Activations.ArgMax<float>(y);
        // end

        Assert.InRange(next, 0, 255);
        Assert.Equal(1, y.Sum(), 1e-5);
    }

    [Fact]
    public void ManyStreams()
    {
        PackedNetwork network = Packed(new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 12), new DenseLayer(3)));
        const int voices = 32;

        // snippet: many
        var streams = new StreamState[voices];
        for (int i = 0; i < voices; i++)
        {
            streams[i] = network.CreateStream();
        }

        float[] x = new float[voices * network.InputSize], y = new float[voices * network.OutputSize]; // [voices, I], [voices, O]
        float[] workspace = new float[network.StepManyWorkspaceLength(voices)];
        network.StepMany(x, streams, y, workspace); // one step of each
        // end

        Assert.Equal(y[..3], y[^3..]);
    }

    [Fact]
    public void WholeSequences()
    {
        PackedNetwork network = Packed(new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 12), new DenseLayer(3)));
        StreamState[] streams = [network.CreateStream(), network.CreateStream(), network.CreateStream()];

        // snippet: ragged
        var layout = new SequenceLayout();
        layout.Set(steps: 100, lengths: [100, 37, 0]); // three sequences; what x holds beyond a length is not read
        float[] x = new float[network.Spec.InputLength(layout.Steps, layout.Batch)]; // [100, 3, I], time-major
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)]; // zeros beyond a length
        float[] workspace = new float[network.RunWorkspaceLength(layout)];
        network.Run(layout, x, streams, y, workspace); // each stream enters as the start of its sequence and leaves as its end
        // end

        Assert.Equal(new float[3], y[^3..]);
        Assert.NotEqual(new float[3], y[..3]);
    }

    [Fact]
    public void SavedStates()
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 12), new DenseLayer(3));
        StreamState stream = Packed(spec).CreateStream(), other = stream.Network.CreateStream();
        float[] y = new float[3];
        stream.Step([1, 2], y);

        // snippet: states
        byte[] saved = new byte[stream.SavedLength];
        stream.Save(saved); // little-endian: another process, on another kind of machine, may restore it
        other.Restore(saved);
        other.CopyFrom(stream); // the same within a process
        StateSlot slot = spec.State(layer: 0, Direction.Forward, StateKind.Hidden)!;
        Span<float> h = other.Values(slot); // to be read or written
        // end

        Assert.Equal(stream.Values(slot), h);
        Assert.NotEqual(0, h[0]);
    }

    [Fact]
    public void FitArrays()
    {
        const int steps = 20, batch = 40, inputs = 2;
        float[] x = new float[steps * batch * inputs], targets = new float[steps * batch];
        new RandomSource(1).Fill(x, -1, 1);
        new RandomSource(2).Fill(targets, -1, 1);
        int[] lengths = [.. Enumerable.Range(0, batch).Select(i => 1 + (i % steps))];

        // snippet: fit
        var spec = new NetworkSpec(inputs, new RecurrentLayer(CellKind.Gru, 16), new DenseLayer(1));
        var layout = new SequenceLayout();
        layout.Set(steps, lengths); // or Set(steps, batch) if all are of one length
        var data = new SequenceData<float>(spec, Loss.MeanSquaredError);
        data.AddBatch(layout, x, targets); // x [steps, batch, inputs], targets [steps, batch, 1]
        (SequenceData<float> training, SequenceData<float> validation) = data.Split(0.2, seed: 1);

        var optimizer = new Adam<float>(spec.Parameters.Length) { LearningRate = 1e-3 };
        using var trainer = new Trainer<float>(spec, optimizer, new TrainerOptions(Loss.MeanSquaredError));
        var batches = new BatchReader<float>(training, 32) { Shuffle = true };
        EpochReport best = trainer.Fit(batches, validation, new FitOptions(Epochs: 20) { Patience = 3 });
        // end

        Assert.True(best.ValidationLoss > 0);
    }

    [Fact]
    public void Settings()
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 6), new FinalStateLayer(), new DenseLayer(3));

        // snippet: settings
        var optimizer = new Adam<float>(spec.Parameters.Length) { DecoupledWeightDecay = true, WeightDecay = 0.01 }; // AdamW
        var options = new TrainerOptions(Loss.SoftmaxCrossEntropy)
        {
            Schedule = LearningRateSchedule.Cosine(1e-2, steps: 10_000).WithWarmUp(500), // sets the optimizer's rate in every step
            ClipNorm = 1,
            Dropout = 0.2,
            ClassWeights = [1, 1, 10], // a rare class counts more
            Threads = 2, // the bits do not depend on it
            Seed = 7, // of the starting values and the dropout
        };
        using var trainer = new Trainer<float>(spec, optimizer, options);
        spec.Initialize(trainer.Parameters, new RandomSource(7), rememberedSteps: 100); // gates that remember up to 100 steps
        // end

        Assert.NotEqual(0, trainer.Parameters[0]);
    }

    [Fact]
    public void Dna()
    {
        string[] strings = ["ACGGTTGA", "ACT"];

        // snippet: dna
        // Does the string have at least three G? Symbols without a table are one-hot; one logit per string.
        var spec = new NetworkSpec(4, new RecurrentLayer(CellKind.Gru, 16), new FinalStateLayer(), new DenseLayer(1));
        var data = new SequenceData<float>(spec, Loss.BinaryCrossEntropy);
        foreach (string dna in strings)
        {
            int[] symbols = [.. dna.Select(letter => "ACGT".IndexOf(letter, StringComparison.Ordinal))];
            data.Add(symbols, [dna.Count(letter => letter == 'G') >= 3 ? 1f : 0f]);
        }
        // end

        Assert.Equal(2, data.Count);
    }

    [Fact]
    public void Text()
    {
        int[] text = [1, 2, 3, 4];

        // snippet: text
        var spec = new NetworkSpec(new EmbeddingSpec(256, 32), new RecurrentLayer(CellKind.Lstm, 128), new DenseLayer(256));
        var data = new SequenceData<float>(spec, Loss.SoftmaxCrossEntropy);
        data.Add(text.AsSpan(..^1), text.AsSpan(1..)); // the label of a step is the symbol of the next one
        var batches = new BatchReader<float>(data, 32) { Chunk = 64, Horizon = 128 }; // a long text in pieces
        // end

        Assert.Equal(1, batches.BatchesPerEpoch);
    }

    [Fact]
    public void ReadingAModel()
    {
        using var folder = new TemporaryFolder();
        string path = Save(folder, new NetworkSpec(1, new RecurrentLayer(CellKind.Lstm, 12), new DenseLayer(1)));

        // snippet: model
        RecurrentModel model = ModelFile.Load(path);
        Console.WriteLine($"{model.Format}, {model.Spec.InputSize} in, {model.Spec.OutputSize} out, {model.SampleRate} steps a second");
        foreach (string sentence in model.Assumptions.Concat(model.Unused))
        {
            Console.WriteLine(sentence); // what the file does not say, and what of it is not used
        }

        float[] parameters = model.ReadParameters<float>().Span.ToArray();
        ModelFile.Save(Path.ChangeExtension(path, ".onnx"), model.Spec, parameters); // or .safetensors, which holds every network
        // end

        Assert.True(File.Exists(folder.File("model.onnx")));
    }

    [Fact]
    public void GradientCheckInATest()
    {
        // snippet: gradtest
        // The gradient of the library's own loss, as a unit test would check it.
        float[] logits = [0.3f, -1, 2], gradient = new float[3];
        Losses.SoftmaxCrossEntropy<float>(logits, classes: 3, labels: [2], gradient);
        GradientCheck.Run<double>(
            p => Losses.SoftmaxCrossEntropy(p, 3, [2], new double[3]),
            [.. logits.Select(value => (double)value)],
            [.. gradient.Select(value => (double)value)],
            tolerance: 1e-6).ThrowIfFailed(); // an InvalidOperationException with the worst element
        // end
    }

    private static string Save(TemporaryFolder folder, NetworkSpec spec)
    {
        ModelFile.Save(folder.File(Saved), spec, Parameters(spec));
        return folder.File(Saved);
    }

    private static PackedNetwork Packed(NetworkSpec spec) => new(spec, Parameters(spec));

    private static ReadOnlySpan<float> Parameters(NetworkSpec spec)
    {
        float[] parameters = new float[spec.Parameters.Length];
        new RandomSource(1).Fill(parameters, -1, 1);
        return parameters;
    }
}
