using System.Diagnostics;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Demo;

/// <summary>One network of the demo: recurrent units and a logit on the last step.</summary>
internal sealed class DemoNetwork : IDisposable
{
    /// <summary>Characters of the shortest string that it trains on.</summary>
    public const int ShortestTrained = 5;

    /// <summary>Characters of the longest string that it trains on.</summary>
    public const int LongestTrained = 20;

    private const float LargestNorm = 1;

    // The loss that is shown is a running mean over about so many batches.
    private const int ShownBatches = 50;

    private readonly Trainer<float> _trainer;

    /// <summary>Makes an untrained network.</summary>
    public DemoNetwork(string name, CellKind cell, DemoSettings settings)
    {
        Name = name;
        Spec = new NetworkSpec(
            DnaStrings.Alphabet.Length, new RecurrentLayer(cell, settings.HiddenSize), new FinalStateLayer(), new DenseLayer(1));
        _trainer = new Trainer<float>(
            Spec,
            new Adam<float>(Spec.Parameters.Length),
            new TrainerOptions(Loss.BinaryCrossEntropy) { ClipNorm = LargestNorm, Seed = settings.Seed });
    }

    /// <summary>The name in the demo's text.</summary>
    public string Name { get; }

    /// <summary>The description.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>[Spec.Parameters.Length].</summary>
    public ReadOnlySpan<float> Parameters => _trainer.Parameters;

    /// <summary>The time that <see cref="Train"/> took.</summary>
    public TimeSpan TrainingTime { get; private set; }

    /// <summary>Trains on random strings of 5 to 20 characters, none of which is a test string.</summary>
    /// <param name="settings">Number and size of the batches, learning rate and seed.</param>
    /// <param name="tests">The test strings.</param>
    /// <param name="report">Called with the share that is done and the loss.</param>
    public void Train(DemoSettings settings, IReadOnlySet<string> tests, Action<double, string> report)
    {
        long start = Stopwatch.GetTimestamp();
        var random = new RandomSource(settings.Seed + 1);
        Batch<float> batch = NewBatch();
        string[] texts = new string[settings.BatchSize];
        double mean = 0;
        for (int i = 0; i < settings.Batches; i++)
        {
            for (int b = 0; b < texts.Length; b++)
            {
                do
                {
                    texts[b] = DnaStrings.Draw(random, ShortestTrained, LongestTrained);
                }
                while (tests.Contains(texts[b]));
            }

            DnaStrings.Encode(texts, batch);
            _trainer.Optimizer.LearningRate = settings.LearningRate * (settings.Batches - i) / settings.Batches;
            double loss = _trainer.Step(batch).Loss;
            mean += (loss - mean) / Math.Min(i + 1, ShownBatches);
            report((i + 1.0) / settings.Batches, $"loss {Display.Fixed(mean, 4)}");
        }

        TrainingTime = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Measures how well the network answers for strings.</summary>
    /// <returns>The share of right answers and the mean loss.</returns>
    public (double Accuracy, double Loss) Test(IReadOnlyList<string> texts)
    {
        Batch<float> batch = NewBatch();
        DnaStrings.Encode(texts, batch);
        double loss = _trainer.Evaluate(batch);
        ReadOnlySpan<float> logits = _trainer.Outputs;
        int right = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            right += logits[i] > 0 == batch.Targets[i] > 0 ? 1 : 0;
        }

        return ((double)right / texts.Count, loss);
    }

    /// <summary>Compares weights in another precision with weights in fp32.</summary>
    /// <returns>The largest difference of a probability, and the share of strings whose answer is the same.</returns>
    public (double Error, double Same) Round(IReadOnlyList<string> texts, WeightPrecision precision)
    {
        float[] expected = Probabilities(texts, WeightPrecision.Fp32);
        float[] actual = Probabilities(texts, precision);
        (float First, float Second)[] pairs = [.. actual.Zip(expected)];
        double same = pairs.Count(pair => pair.First > 0.5f == pair.Second > 0.5f);
        return (pairs.Max(pair => Math.Abs((double)pair.First - pair.Second)), same / pairs.Length);
    }

    /// <summary>Measures the cost of one step of a stream.</summary>
    /// <returns>Nanoseconds and bytes allocated per step, each in the run with the fewest.</returns>
    /// <remarks>A step's own allocation shows in every run. A collection, set off by another thread's garbage, may show in one.</remarks>
    public (double Nanoseconds, double Bytes) MeasureSteps(int steps)
    {
        const int Runs = 10;
        var network = new PackedNetwork(Spec, Parameters);
        StreamState stream = network.CreateStream();
        float[] x = new float[Spec.InputSize];
        float[] logit = new float[Spec.OutputSize];
        x[0] = 1;
        network.WarmUp();
        Stream(steps, x, stream, logit);

        double nanoseconds = double.MaxValue;
        long bytes = long.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            Stream(steps, x, stream, logit);
            nanoseconds = Math.Min(nanoseconds, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        return (nanoseconds / steps, (double)bytes / steps);
    }

    public void Dispose() => _trainer.Dispose();

    private static void Stream(int steps, float[] x, StreamState stream, float[] logit)
    {
        for (int i = 0; i < steps; i++)
        {
            stream.Step(x, logit);
        }
    }

    private Batch<float> NewBatch() => new(Spec, Loss.BinaryCrossEntropy, symbols: false);

    private float[] Probabilities(IReadOnlyList<string> texts, WeightPrecision precision)
    {
        var network = new PackedNetwork(Spec, Parameters, precision);
        Batch<float> batch = NewBatch();
        DnaStrings.Encode(texts, batch);
        StreamState[] states = [.. texts.Select(_ => network.CreateStream())];
        float[] y = new float[texts.Count];
        network.Run(batch.Layout, batch.Inputs, states, y, new float[network.RunWorkspaceLength(batch.Layout)]);
        Activations.Apply<float>(ActivationKind.Sigmoid, y, y);
        return y;
    }
}
