using System.Globalization;

namespace SpanRnn.Tests;

/// <summary>Starting values of a network: from a trainer's seed, and gates that remember.</summary>
public class StartingValuesTests
{
    private static readonly NetworkSpec _spec = new(2, new RecurrentLayer(CellKind.Lstm, 4), new FinalStateLayer(), new DenseLayer(1));

    [Fact]
    public void A_trainer_starts_from_its_seed()
    {
        foreach (ulong seed in new ulong[] { 0, 5 })
        {
            float[] expected = new float[_spec.Parameters.Length];
            _spec.Initialize<float>(expected, new RandomSource(seed));
            Assert.Equal(expected, Parameters(seed));
        }

        Assert.NotEqual(Parameters(0), Parameters(5));
    }

    [Fact]
    public void An_untouched_trainer_has_units_that_differ()
    {
        var random = new RandomSource(1);
        var data = new SequenceData<float>(_spec, Loss.MeanSquaredError);
        for (int i = 0; i < 8; i++)
        {
            float[] x = new float[6];
            random.Fill<float>(x, -1, 1);
            data.Add(x, [x[0]]);
        }

        using var trainer = new Trainer<float>(
            _spec, new Adam<float>(_spec.Parameters.Length), new TrainerOptions(Loss.MeanSquaredError));
        for (int step = 0; step < 3; step++)
        {
            trainer.Step(new BatchReader<float>(data, 8).Next());
        }

        float[] head = _spec.Slot(2, Direction.Forward, ParameterRole.InputWeights)!.In((ReadOnlySpan<float>)trainer.Parameters).ToArray();
        Assert.Equal(head.Length, head.Distinct().Count());
    }

    [Theory]
    [InlineData(CellKind.Lstm, false)]
    [InlineData(CellKind.Lstm, true)]
    [InlineData(CellKind.GruResetAfter, false)]
    [InlineData(CellKind.GruResetBefore, false)]
    public void Gates_that_remember_start_from_the_logarithm_of_a_time(CellKind cell, bool coupled)
    {
        const int Size = 500;
        var spec = new NetworkSpec(
            1, new RecurrentLayer(cell, Size) { CoupledGates = coupled, Bidirectional = true }, new DenseLayer(1));
        double[] usual = new double[spec.Parameters.Length], parameters = new double[usual.Length];
        spec.Initialize<double>(usual, new RandomSource(3));
        spec.Initialize<double>(parameters, new RandomSource(3), 50);
        foreach (Direction d in new[] { Direction.Forward, Direction.Reverse })
        {
            ParameterSlot slot = spec.Slot(0, d, ParameterRole.InputBias)!;
            double[] bias = slot.In((ReadOnlySpan<double>)parameters).ToArray();

            // Where the bias keeps the old state: f of an LSTM, z of a GRU, −i with coupled gates.
            double[] keep = coupled ? [.. bias.Take(Size).Select(value => -value)] : bias[Size..(2 * Size)];
            double[] times = [.. keep.Select(Math.Exp)];
            Assert.All(times, time => Assert.InRange(time, 1 - 1e-9, 49 + 1e-9));
            Assert.InRange(times.Average(), 23.5, 26.5);
            Assert.True(times.Min() < 2 && times.Max() > 48);
            if (cell == CellKind.Lstm && !coupled)
            {
                Assert.Equal(keep, bias.Take(Size).Select(value => -value));
            }

            int first = cell == CellKind.Lstm ? 0 : Size;
            int end = coupled ? Size : 2 * Size;
            for (int i = 0; i < bias.Length; i++)
            {
                Assert.True(i >= first && i < end || bias[i] == usual[slot.Offset + i]);
            }

            slot.In(usual.AsSpan()).Clear();
            slot.In(parameters.AsSpan()).Clear();
        }

        Assert.Equal(usual, parameters);
    }

    [Fact]
    public void Without_gates_there_is_nothing_to_remember_with()
    {
        LayerSpec[] layers =
        [
            new RecurrentLayer(CellKind.Elman, 2),
            new RecurrentLayer(CellKind.Lstm, 2) { Bias = false },
            new RecurrentLayer(CellKind.Lstm, 2) { GateActivation = ActivationKind.HardSigmoid },
        ];
        foreach (LayerSpec layer in layers)
        {
            var spec = new NetworkSpec(1, layer);
            float[] parameters = new float[spec.Parameters.Length];
            ArgumentException refused = Assert.Throws<ArgumentException>(
                () => spec.Initialize<float>(parameters, new RandomSource(1), 10));
            Assert.Contains("no layer is an LSTM or a GRU", refused.Message, StringComparison.Ordinal);
        }

        float[] some = new float[_spec.Parameters.Length];
        Assert.Throws<ArgumentOutOfRangeException>(() => _spec.Initialize<float>(some, new RandomSource(1), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _spec.Initialize<float>(some, new RandomSource(1), -1));
    }

    // The table of README.md: ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ of an untrained layer of 32 units that reads two uniform numbers from −1 to 1 and is
    // judged by its last h; over 64 sequences, geometric mean over 20 seeds.
    [Theory]
    [InlineData(CellKind.Elman, 20, 0, 0.12)]
    [InlineData(CellKind.Lstm, 20, 0, 0.17)]
    [InlineData(CellKind.Gru, 20, 0, 1.2e-3)]
    [InlineData(CellKind.Lstm, 20, 20, 0.12)]
    [InlineData(CellKind.Gru, 20, 20, 0.11)]
    [InlineData(CellKind.Elman, 100, 0, 9e-6)]
    [InlineData(CellKind.Lstm, 100, 0, 5e-3)]
    [InlineData(CellKind.Gru, 100, 0, 2.7e-14)]
    [InlineData(CellKind.Lstm, 100, 100, 0.06)]
    [InlineData(CellKind.Gru, 100, 100, 0.05)]
    public void Gradients_reach_back_as_README_says(CellKind cell, int steps, int rememberedSteps, double expected)
    {
        double logarithm = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            logarithm += Math.Log(FirstOverLast(cell, steps, rememberedSteps, seed)) / 20;
        }

        double ratio = Math.Exp(logarithm);
        Assert.True(
            Math.Abs(ratio - expected) <= 0.1 * expected,
            string.Create(CultureInfo.InvariantCulture, $"The ratio is {ratio:E2}, expected {expected} within a tenth."));
    }

    private static double FirstOverLast(CellKind cell, int steps, int rememberedSteps, ulong seed)
    {
        const int Size = 32;
        const int Inputs = 2;
        const int Batch = 64;
        var spec = new NetworkSpec(Inputs, new RecurrentLayer(cell, Size));
        var run = new NetworkRun<double>(spec, steps, [.. Enumerable.Repeat(steps, Batch)]);
        var random = new RandomSource(seed);
        run.Network.Spec.Initialize<double>(run.Parameters, random, rememberedSteps);
        random.Fill<double>(run.X, -1, 1);
        run.Forward();
        run.DState.AsSpan().Clear();
        run.DY.AsSpan().Clear();
        random.Fill<double>(run.DY.AsSpan((steps - 1) * Batch * Size), -1, 1);
        run.Backward();
        return Norm(run.DX.AsSpan(0, Batch * Inputs)) / Norm(run.DX.AsSpan((steps - 1) * Batch * Inputs));
    }

    private static double Norm(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value * value;
        }

        return Math.Sqrt(sum);
    }

    private static float[] Parameters(ulong seed)
    {
        using var trainer = new Trainer<float>(
            _spec, new Adam<float>(_spec.Parameters.Length), new TrainerOptions(Loss.MeanSquaredError) { Seed = seed });
        return trainer.Parameters.ToArray();
    }
}
