namespace SpanRnn.Tests;

/// <summary>
/// The adding problem (Hochreiter and Schmidhuber 1997, as Le et al. 2015 state it): of T numbers from 0 to 1 two are marked, one in each
/// half; the answer after the last step is their sum. The best answer that ignores the input is 1. Its error is the variance of the sum:
/// 1/6 in the mean over all sequences.
/// </summary>
internal static class AddingProblem
{
    public static NetworkSpec Network(CellKind cell, int hiddenSize) =>
        new(2, new RecurrentLayer(cell, hiddenSize), new FinalStateLayer(), new DenseLayer(1));

    /// <summary>Sequences of [number, mark] at each step.</summary>
    public static SequenceData<float> Draw(NetworkSpec spec, int steps, int count, RandomSource random)
    {
        var data = new SequenceData<float>(spec, Loss.MeanSquaredError);
        float[] x = new float[2 * steps];
        float[] sum = new float[1];
        for (int sequence = 0; sequence < count; sequence++)
        {
            Array.Clear(x);
            for (int step = 0; step < steps; step++)
            {
                x[2 * step] = (float)random.NextDouble();
            }

            int first = random.NextInt(steps / 2);
            int second = (steps / 2) + random.NextInt(steps - (steps / 2));
            x[(2 * first) + 1] = 1;
            x[(2 * second) + 1] = 1;
            sum[0] = x[2 * first] + x[2 * second];
            data.Add(x, sum);
        }

        return data;
    }

    /// <summary>Mean squared error on 1,000 unseen sequences.</summary>
    public static double ErrorAfter(CellKind cell, int hiddenSize, int steps, int sequences, int trainingSteps, double rate, ulong seed)
    {
        NetworkSpec spec = Network(cell, hiddenSize);
        var random = new RandomSource(seed);
        SequenceData<float> data = Draw(spec, steps, sequences, random);
        SequenceData<float> unseen = Draw(spec, steps, 1000, random);
        float[] parameters = Learner.Train(spec, Loss.MeanSquaredError, data, 32, trainingSteps, rate, seed);
        return Learner.Loss(spec, Loss.MeanSquaredError, unseen, parameters);
    }
}
