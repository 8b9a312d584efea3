namespace SpanRnn.Tests;

/// <summary>Trains networks as a user would, and reads their answers.</summary>
internal static class Learner
{
    /// <summary>
    /// Parameters after that many steps of Adam on shuffled batches. The norm of the gradients is clipped to 1, and the learning rate falls
    /// to a twentieth by a cosine.
    /// </summary>
    public static float[] Train(NetworkSpec spec, Loss loss, SequenceData<float> data, int batch, int steps, double rate, ulong seed)
    {
        var optimizer = new Adam<float>(spec.Parameters.Length);
        var options = new TrainerOptions(loss) { ClipNorm = 1, Schedule = LearningRateSchedule.Cosine(rate, steps, rate / 20) };
        using var trainer = new Trainer<float>(spec, optimizer, options);
        spec.Initialize(trainer.Parameters, new RandomSource(seed + 100));
        var batches = new BatchReader<float>(data, batch) { Shuffle = true, Seed = seed };
        while (trainer.Steps < steps)
        {
            trainer.Step(batches.Next());
        }

        return trainer.Parameters.ToArray();
    }

    /// <summary>The loss of all sequences together.</summary>
    public static double Loss(NetworkSpec spec, Loss loss, SequenceData<float> data, float[] parameters)
    {
        using var trainer = new Trainer<float>(spec, new Adam<float>(spec.Parameters.Length), new TrainerOptions(loss));
        parameters.CopyTo(trainer.Parameters);
        return trainer.Evaluate(data);
    }

    /// <summary>Starting values, the same as in <see cref="Train"/>.</summary>
    public static float[] Untrained(NetworkSpec spec, ulong seed)
    {
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(seed + 100));
        return parameters;
    }

    /// <summary>y of one sequence of symbols, [its steps, O] or [O].</summary>
    public static float[] Outputs(NetworkSpec spec, float[] parameters, ReadOnlySpan<int> symbols)
    {
        var run = new NetworkRun<float>(spec, symbols.Length, [symbols.Length]);
        parameters.CopyTo(run.Parameters, 0);
        run.Network.Embed(run.Parameters, run.Layout, symbols, run.X);
        run.Forward();
        return run.Y;
    }
}
