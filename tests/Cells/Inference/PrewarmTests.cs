namespace SpanRnn.Tests;

/// <summary>Streams that have steps of zeros behind them at their start.</summary>
[Trait("Category", "Simd")]
public class PrewarmTests
{
    private static readonly NetworkSpec _spec = new(
        3,
        new RecurrentLayer(CellKind.Lstm, 20) { TrainableInitialState = true },
        new NormalizationLayer(FeatureNormalization.Layer),
        new RecurrentLayer(CellKind.GruResetBefore, 9),
        new PoolLayer(Pooling.Mean),
        new DenseLayer(2));

    // The blocks of a start are of 64 steps, and those of a run are of 12 or 1.
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void A_stream_starts_and_resets_behind_the_zeros(int steps)
    {
        float[] parameters = Parameters();
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            StreamState expected = new PackedNetwork(_spec, parameters, precision).CreateStream();
            float[] y = new float[2], z = new float[2];
            for (int step = 0; step < steps; step++)
            {
                expected.Step(new float[3], y);
            }

            StreamState stream = new PackedNetwork(_spec, parameters, precision, steps).CreateStream();

            Assert.Equal(PackedRun.Values(expected), PackedRun.Values(stream));
            expected.Step([1, -2, 3], y);
            stream.Step([1, -2, 3], z);
            Assert.Equal(y, z);
            stream.Reset();
            stream.Step([1, -2, 3], z);
            Assert.Equal(y, z);
        }
    }

    [Fact]
    public void Without_zeros_a_stream_starts_elsewhere()
    {
        float[] parameters = Parameters();

        Assert.NotEqual(
            PackedRun.Values(new PackedNetwork(_spec, parameters).CreateStream()),
            PackedRun.Values(new PackedNetwork(_spec, parameters, WeightPrecision.Fp32, 1).CreateStream()));
    }

    [Fact]
    public void Numbers_of_steps_that_cannot_be_are_refused()
    {
        var whole = new NetworkSpec(3, new RecurrentLayer(CellKind.Lstm, 4) { Bidirectional = true });

        Assert.Equal(
            "prewarmSteps",
            Assert.Throws<ArgumentOutOfRangeException>(() => new PackedNetwork(_spec, Parameters(), WeightPrecision.Fp32, -1)).ParamName);
        Assert.StartsWith(
            "Layer 0 ",
            Assert.Throws<InvalidOperationException>(
                () => new PackedNetwork(whole, new float[whole.Parameters.Length], WeightPrecision.Fp32, 1)).Message,
            StringComparison.Ordinal);
    }

    private static float[] Parameters()
    {
        float[] parameters = new float[_spec.Parameters.Length];
        _spec.Initialize<float>(parameters, new RandomSource(7));
        foreach (ParameterSlot slot in _spec.Parameters.Slots)
        {
            new RandomSource((ulong)slot.Offset).Fill(slot.In(parameters.AsSpan()), -0.5, 0.5);
        }

        return parameters;
    }
}
