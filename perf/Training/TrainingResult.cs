namespace SpanRnn.Perf;

/// <summary>Result of a training step: outputs, their loss Σ y·dy, and its gradients.</summary>
/// <param name="Loss">Σ y·dy.</param>
/// <param name="Y">[T, N, H] outputs.</param>
/// <param name="Dx">[T, N, I] gradients of the input.</param>
/// <param name="Gradients">Gradients of the parameters, in the layout of the network.</param>
internal sealed record TrainingResult(double Loss, double[] Y, double[] Dx, double[] Gradients)
{
    /// <summary>
    /// Largest allowed difference of a number from that of another contender or of the same step in double, as a fraction of the largest
    /// magnitude in its tensor; for the loss, of Σ|y·dy|.
    /// </summary>
    public const double Bound = 2e-5;

    /// <summary>Result with the loss of these outputs.</summary>
    public static TrainingResult Of<T>(ReadOnlySpan<T> y, ReadOnlySpan<float> dy, ReadOnlySpan<T> dx, ReadOnlySpan<T> gradients)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        double[] outputs = Doubles(y);
        double loss = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            loss += outputs[i] * dy[i];
        }

        return new TrainingResult(loss, outputs, Doubles(dx), Doubles(gradients));
    }

    /// <summary>Throws if a number differs by more than the bound.</summary>
    /// <returns>The largest difference, in the unit of the bound.</returns>
    public double Check(string what, TrainingResult expected, ReadOnlySpan<float> dy, NetworkSpec spec)
    {
        double magnitudes = 0;
        for (int i = 0; i < dy.Length; i++)
        {
            magnitudes += Math.Abs(expected.Y[i] * dy[i]);
        }

        double error = new Expectation([expected.Loss], [Bound * magnitudes]).Check($"{what}, loss,", [Loss]);
        error = Math.Max(error, Check($"{what}, y,", Y, expected.Y));
        error = Math.Max(error, Check($"{what}, dx,", Dx, expected.Dx));
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            ReadOnlySpan<double> gradients = slot.In<double>((ReadOnlySpan<double>)Gradients);
            ReadOnlySpan<double> right = slot.In<double>((ReadOnlySpan<double>)expected.Gradients);
            error = Math.Max(error, Check($"{what}, gradient of {slot.Name},", gradients, right));
        }

        return Bound * error;
    }

    /// <summary>Throws if a number has other bits.</summary>
    public void CheckSame(string what, TrainingResult expected)
    {
        if (!Y.SequenceEqual(expected.Y) || !Dx.SequenceEqual(expected.Dx) || !Gradients.SequenceEqual(expected.Gradients))
        {
            throw new PerfException($"{what} gives other bits than one thread, expected the same.", Application.Failure);
        }
    }

    private static double Check(string what, ReadOnlySpan<double> result, ReadOnlySpan<double> expected)
    {
        double largest = 0;
        foreach (double value in expected)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        double[] tolerances = new double[expected.Length];
        tolerances.AsSpan().Fill(Bound * largest);
        return new Expectation(expected.ToArray(), tolerances).Check(what, result);
    }

    private static double[] Doubles<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        double[] result = new double[numbers.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = double.CreateTruncating(numbers[i]);
        }

        return result;
    }
}
