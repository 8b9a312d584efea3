using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>
/// A network, a loss and random sequences of given lengths; the numbers are floats, so that they mean the same in both precisions.
/// </summary>
internal sealed class SequenceProblem
{
    public SequenceProblem(NetworkSpec spec, Loss loss, bool symbols, int[] lengths, int seed = 1)
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
    }

    public NetworkSpec Spec { get; }

    public Loss Loss { get; }

    public bool HasSymbols { get; }

    public bool LastStep => Spec.IsManyToOne;

    public int[] Lengths { get; }

    public double[] Parameters { get; }

    /// <summary>[length, I] of each sequence.</summary>
    public double[][] Inputs { get; }

    public int[][] Symbols { get; }

    /// <summary>[length, O], or [O] of a head on the last step.</summary>
    public double[][] Targets { get; }

    public int[][] Labels { get; }

    public SequenceData<T> Data<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var data = new SequenceData<T>(Spec, Loss, HasSymbols);
        for (int i = 0; i < Lengths.Length; i++)
        {
            T[] x = Array.ConvertAll(Inputs[i], T.CreateTruncating);
            T[] targets = Array.ConvertAll(Targets[i], T.CreateTruncating);
            switch (HasSymbols, Loss)
            {
                case (false, Loss.SoftmaxCrossEntropy):
                    data.Add(x, Labels[i]);
                    break;
                case (false, _):
                    data.Add(x, targets);
                    break;
                case (true, Loss.SoftmaxCrossEntropy):
                    data.Add(Symbols[i], Labels[i]);
                    break;
                default:
                    data.Add(Symbols[i], targets);
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
        var trainer = new Trainer<T>(Spec, optimizer, options ?? new TrainerOptions(Loss), pool);
        Array.ConvertAll(Parameters, T.CreateTruncating).CopyTo(trainer.Parameters);
        return trainer;
    }

    public override string ToString() =>
        $"{string.Join(", ", Spec.Layers.ToArray().AsEnumerable())}, {Spec.Embedding}, {Spec.Head}, {Loss}, symbols {HasSymbols}";

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

    private int Outputs(int length) => LastStep ? 1 : length;
}
