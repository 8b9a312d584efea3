using System.Diagnostics;
using SpanRnn.Cells;
using SpanRnn.Cli.Output;
using SpanRnn.Core;

namespace SpanRnn.Cli.Demo;

/// <summary>One network of the demo: recurrent units and a logit on the last step.</summary>
internal sealed class DemoNetwork
{
    /// <summary>Characters of the shortest string that it trains on.</summary>
    public const int ShortestTrained = 5;

    /// <summary>Characters of the longest one.</summary>
    public const int LongestTrained = 20;

    private const float LargestNorm = 1;

    // The loss that is shown is a running mean over about so many batches.
    private const int ShownBatches = 50;

    private readonly Network<float> _network;
    private readonly AlignedBuffer<float> _parameters;

    public DemoNetwork(string name, CellKind cell, DemoSettings settings)
    {
        Name = name;
        Spec = new NetworkSpec(
            DnaStrings.Alphabet.Length, new LayerSpec(cell, settings.HiddenSize), new HeadSpec(1, HeadPosition.LastStep));
        _network = new Network<float>(Spec);
        _parameters = new AlignedBuffer<float>(Spec.Parameters.Length);
        Spec.Initialise(_parameters.Span, new RandomSource(settings.Seed));
    }

    /// <summary>What the demo calls it.</summary>
    public string Name { get; }

    /// <summary>Its description.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>[Spec.Parameters.Length].</summary>
    public ReadOnlySpan<float> Parameters => _parameters.Span;

    /// <summary>How long <see cref="Train"/> took.</summary>
    public TimeSpan TrainingTime { get; private set; }

    /// <summary>Trains on random strings of 5 to 20 characters, none of which is among those kept for the test.</summary>
    /// <param name="settings">How many, how fast.</param>
    /// <param name="kept">The strings kept for the test.</param>
    /// <param name="report">Called with the share that is done and the loss.</param>
    public void Train(DemoSettings settings, IReadOnlySet<string> kept, Action<double, string> report)
    {
        long start = Stopwatch.GetTimestamp();
        var random = new RandomSource(settings.Seed + 1);
        var adam = new Adam<float>(Spec.Parameters.Length);
        var gradients = new AlignedBuffer<float>(Spec.Parameters.Length);
        var pool = new BufferPool<float>();
        var layout = new SequenceLayout();
        int batch = settings.BatchSize;
        string[] texts = new string[batch];
        float[] padded = new float[LongestTrained * batch * Spec.InputSize];
        float[] state = new float[_network.StateLength(batch)];
        float[] targets = new float[batch];
        float[] logits = new float[batch];
        float[] dLogits = new float[batch];
        double mean = 0;
        for (int i = 0; i < settings.Batches; i++)
        {
            for (int b = 0; b < batch; b++)
            {
                do
                {
                    texts[b] = DnaStrings.Draw(random, ShortestTrained, LongestTrained);
                }
                while (kept.Contains(texts[b]));
            }

            DnaStrings.Encode(texts, layout, padded, targets);
            ReadOnlySpan<float> x = padded.AsSpan(0, _network.InputLength(layout));
            using PooledBuffer<float> tape = pool.Rent(_network.TapeLength(layout));
            using PooledBuffer<float> workspace = pool.Rent(_network.WorkspaceLength(layout));

            Array.Clear(state);
            _network.Forward(Parameters, layout, x, state, logits, tape.Span, workspace.Span);
            double loss = Losses.BinaryCrossEntropyWithLogits<float>(logits, targets, dLogits);

            gradients.Span.Clear();
            Array.Clear(state);
            _network.Backward(Parameters, layout, tape.Span, dLogits, state, [], gradients.Span, workspace.Span);
            Gradients.ClipNorm(gradients.Span, LargestNorm);
            adam.LearningRate = settings.LearningRate * (settings.Batches - i) / settings.Batches;
            adam.Step(_parameters.Span, gradients.Span);

            mean += (loss - mean) / Math.Min(i + 1, ShownBatches);
            report((i + 1.0) / settings.Batches, $"loss {Display.Fixed(mean, 4)}");
        }

        TrainingTime = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>How well it does on strings.</summary>
    /// <returns>The share of right answers and the mean loss.</returns>
    public (double Accuracy, double Loss) Test(IReadOnlyList<string> texts)
    {
        var layout = new SequenceLayout();
        float[] targets = new float[texts.Count];
        float[] x = new float[texts.Max(text => text.Length) * texts.Count * Spec.InputSize];
        DnaStrings.Encode(texts, layout, x, targets);
        float[] logits = new float[texts.Count];
        float[] state = new float[_network.StateLength(texts.Count)];
        float[] tape = new float[_network.TapeLength(layout)];
        float[] workspace = new float[_network.WorkspaceLength(layout)];
        _network.Forward(Parameters, layout, x, state, logits, tape, workspace);
        int right = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            right += logits[i] > 0 == targets[i] > 0 ? 1 : 0;
        }

        return ((double)right / texts.Count, Losses.BinaryCrossEntropyWithLogits<float>(logits, targets, logits));
    }

    /// <summary>What another precision of the weights changes.</summary>
    /// <returns>
    /// The largest difference of a probability from that in fp32, and the share of strings that get the answer they get in fp32.
    /// </returns>
    public (double Error, double Same) Round(IReadOnlyList<string> texts, WeightPrecision precision)
    {
        float[] expected = Probabilities(texts, WeightPrecision.Fp32);
        float[] actual = Probabilities(texts, precision);
        (float First, float Second)[] pairs = [.. actual.Zip(expected)];
        double same = pairs.Count(pair => pair.First > 0.5f == pair.Second > 0.5f);
        return (pairs.Max(pair => Math.Abs((double)pair.First - pair.Second)), same / pairs.Length);
    }

    /// <summary>What one step of a stream costs.</summary>
    /// <returns>Nanoseconds and bytes allocated per step, each in the run with the fewest.</returns>
    /// <remarks>What a step allocates shows in every run; a collection set off by another thread's garbage may show in one.</remarks>
    public (double Nanoseconds, double Bytes) MeasureSteps(int steps)
    {
        const int Runs = 10;
        var network = new PackedNetwork(Spec, Parameters);
        var state = new StreamState(network);
        float[] x = new float[Spec.InputSize];
        float[] logit = new float[Spec.OutputSize];
        x[0] = 1;
        network.WarmUp();
        Stream(steps, network, x, state, logit);

        double nanoseconds = double.MaxValue;
        long bytes = long.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            Stream(steps, network, x, state, logit);
            nanoseconds = Math.Min(nanoseconds, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        return (nanoseconds / steps, (double)bytes / steps);
    }

    private static void Stream(int steps, PackedNetwork network, float[] x, StreamState state, float[] logit)
    {
        for (int i = 0; i < steps; i++)
        {
            network.Step(x, state, logit);
        }
    }

    private float[] Probabilities(IReadOnlyList<string> texts, WeightPrecision precision)
    {
        var network = new PackedNetwork(Spec, Parameters, precision);
        var layout = new SequenceLayout();
        float[] x = new float[texts.Max(text => text.Length) * texts.Count * Spec.InputSize];
        DnaStrings.Encode(texts, layout, x, new float[texts.Count]);
        StreamState[] states = [.. texts.Select(_ => new StreamState(network))];
        float[] y = new float[texts.Count];
        network.Run(layout, x, states, y, new float[network.RunWorkspaceLength(layout)]);
        Activations.Apply<float>(Activation.Sigmoid, y, y);
        return y;
    }
}
