using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>
/// A network, a loss and random sequences of given lengths; the numbers are floats, so that they mean the same in both precisions.
/// </summary>
internal sealed class SequenceProblem
{
    public SequenceProblem(NetworkSpec spec, Loss loss, bool symbols, int[] lengths, int seed = 1, bool weighted = false)
    {
        Spec = spec;
        Loss = loss;
        HasSymbols = symbols;
        Lengths = lengths;
        var random = new Random(seed);
        Parameters = new double[spec.Parameters.Length];
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            foreach (ref double value in slot.In(Parameters.AsSpan()))
            {
                value = Draw(random, -0.8, 0.8);
            }
        }

        Inputs = Array.ConvertAll(lengths, length => Draw(random, length * spec.InputSize, -1, 1));
        Symbols = Array.ConvertAll(lengths, length => Draw(random, length, spec.Symbols));
        Targets = Array.ConvertAll(lengths, length => Draw(random, Outputs(length) * spec.OutputSize, 0, 1));
        Labels = Array.ConvertAll(lengths, length => Draw(random, Outputs(length), spec.OutputSize));
        if (weighted)
        {
            // Every third sequence has one weight, every fifth none; some outputs do not count, and some labels are no class.
            Weights = Array.ConvertAll(lengths, length => Draw(random, Outputs(length), 0, 2));
            for (int i = 0; i < lengths.Length; i++)
            {
                Weights[i] = i % 5 == 4 ? [] : i % 3 == 2 ? [.. Weights[i].Take(1)] : Weights[i];
                for (int output = 0; output < Outputs(lengths[i]); output++)
                {
                    int kind = random.Next(4);
                    if (kind == 0 && output < Weights[i].Length)
                    {
                        Weights[i][output] = 0;
                    }
                    else if (kind == 1)
                    {
                        Labels[i][output] = -1 - random.Next(3);
                    }
                }
            }

            ClassWeights = loss == Loss.SoftmaxCrossEntropy ? Draw(random, spec.OutputSize, 0, 2) : null;
        }
    }

    public NetworkSpec Spec { get; }

    public Loss Loss { get; }

    public bool HasSymbols { get; }

    public int[] Lengths { get; }

    public double[] Parameters { get; }

    /// <summary>[length, I] of each sequence.</summary>
    public double[][] Inputs { get; }

    public int[][] Symbols { get; }

    /// <summary>[length, O], or [O] if there is one output per sequence.</summary>
    public double[][] Targets { get; }

    public int[][] Labels { get; }

    /// <summary>[length], [1] or none of each sequence.</summary>
    public double[][]? Weights { get; }

    public double[]? ClassWeights { get; }

    /// <summary>How much an output counts.</summary>
    public double Weight(int sequence, int output)
    {
        double[] own = Weights?[sequence] ?? [];
        double weight = own.Length == 0 ? 1 : own[own.Length == 1 ? 0 : output];
        int label = Labels[sequence][output];
        return Loss != Loss.SoftmaxCrossEntropy ? weight : label < 0 ? 0 : weight * (ClassWeights?[label] ?? 1);
    }

    public SequenceData<T> Data<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var data = new SequenceData<T>(Spec, Loss);
        for (int i = 0; i < Lengths.Length; i++)
        {
            T[] x = Array.ConvertAll(Inputs[i], T.CreateTruncating);
            T[] targets = Array.ConvertAll(Targets[i], T.CreateTruncating);
            T[] weights = Array.ConvertAll(Weights?[i] ?? [], T.CreateTruncating);
            switch (HasSymbols, Loss)
            {
                case (false, Loss.SoftmaxCrossEntropy):
                    data.Add(x, Labels[i], weights);
                    break;
                case (false, _):
                    data.Add(x, targets, weights);
                    break;
                case (true, Loss.SoftmaxCrossEntropy):
                    data.Add(Symbols[i], Labels[i], weights);
                    break;
                default:
                    data.Add(Symbols[i], targets, weights);
                    break;
            }
        }

        return data;
    }

    /// <summary>A trainer with the problem's parameters, and Adam where no optimizer is given.</summary>
    public Trainer<T> Trainer<T>(TrainerOptions? options = null, Optimizer<T>? optimizer = null, BufferPool<T>? pool = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        optimizer ??= new Adam<T>(Spec.Parameters.Length) { LearningRate = 0.02 };
        var trainer = new Trainer<T>(Spec, optimizer, (options ?? new TrainerOptions(Loss)) with { ClassWeights = ClassWeights }, pool);
        Array.ConvertAll(Parameters, T.CreateTruncating).CopyTo(trainer.Parameters);
        return trainer;
    }

    public override string ToString() =>
        $"{string.Join(", ", Spec.Layers.ToArray().AsEnumerable())}, {Spec.Embedding}, {Loss}, "
        + $"symbols {HasSymbols}, weighted {Weights is not null}";

    private static double Draw(Random random, double low, double high) => (float)(low + (random.NextDouble() * (high - low)));

    private static double[] Draw(Random random, int count, double low, double high)
    {
        double[] values = new double[count];
        foreach (ref double value in values.AsSpan())
        {
            value = Draw(random, low, high);
        }

        return values;
    }

    private static int[] Draw(Random random, int count, int end)
    {
        int[] values = new int[count];
        foreach (ref int value in values.AsSpan())
        {
            value = random.Next(end);
        }

        return values;
    }

    private int Outputs(int length) => Spec.IsManyToOne ? 1 : length;
}
