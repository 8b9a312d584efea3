using System.Globalization;

namespace SpanRnn.Tests;

/// <summary>Run of one stream: the bits of as many steps, in blocks and without, and what it refuses.</summary>
[Trait("Category", "Simd")]
public class PackedOneStreamTests
{
    // So many inputs that blocks of steps pay at each precision.
    private const int Wide = 1100;
    private const float Canary = 0.25f;

    private static readonly NetworkSpec[] _specs =
    [
        new(
            Wide,
            new RecurrentLayer(CellKind.Lstm, 128) { Peepholes = true, ProjectionSize = 40 },
            new RecurrentLayer(CellKind.GruResetBefore, 21),
            new DenseLayer(3),
            new SkipLayer(0) { Features = 2 }),
        new(Wide, new RecurrentLayer(CellKind.GruResetAfter, 200), new FinalStateLayer(), new DenseLayer(9), new DenseLayer(2)),
        new(
            Wide,
            new DenseLayer(520),
            new RecurrentLayer(CellKind.Lstm, 19) { CoupledGates = true },
            new RecurrentLayer(CellKind.GruResetBefore, 200)),
        new(Wide, new RecurrentLayer(CellKind.Elman, Wide)),
        new(2, new RecurrentLayer(CellKind.Lstm, 5), new FinalStateLayer(), new DenseLayer(2)),
        new(3, new RecurrentLayer(CellKind.GruResetBefore, 3)),
        new(
            Wide,
            new AffineLayer(),
            new RecurrentLayer(CellKind.Lstm, 200),
            new NormalizationLayer(FeatureNormalization.Layer),
            new PoolLayer(Pooling.Mean),
            new DenseLayer(2)),
        new(Wide, new PoolLayer(Pooling.Maximum), new DenseLayer(520), new PReluLayer(), new SkipLayer(2) { Scale = SkipScale.One }),
        new(
            Wide,
            new DenseLayer(40),
            new RecurrentLayer(CellKind.GruResetAfter, 40),
            new SkipLayer(1) { Scale = SkipScale.PerFeature },
            new RecurrentLayer(CellKind.Lstm, 40),
            new FinalStateLayer { AllLayers = true }),
        new(Wide, new DenseLayer(Wide), new SkipLayer(0) { Scale = SkipScale.PerFeature }, new PoolLayer(Pooling.Sum)),
    ];

    public static TheoryData<int, WeightPrecision> Networks()
    {
        var data = new TheoryData<int, WeightPrecision>();
        for (int i = 0; i < _specs.Length; i++)
        {
            foreach (WeightPrecision precision in PackedProblems.Precisions)
            {
                data.Add(i, precision);
            }
        }

        return data;
    }

    /// <summary>Lengths on both sides of a block, of two blocks, and of one step more.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Run_has_the_bits_of_steps(int index, WeightPrecision precision)
    {
        PackedNetwork network = Pack(_specs[index], precision);
        foreach (int steps in (int[])[1, 2, 11, 12, 13, 14, 24, 30])
        {
            float[] x = Input(network, steps);
            StreamState stepped = Started(network), ran = Started(network);
            float[] expected = new float[network.Spec.OutputLength(steps, 1)];
            for (int t = 0; t < steps; t++)
            {
                int row = network.Spec.IsManyToOne ? 0 : t;
                stepped.Step(Row(x, t, network.Spec.InputSize), Row(expected, row, network.Spec.OutputSize));
            }

            float[] y = PackedRun.Undefined(expected.Length);
            ran.Run(x, y);
            Near.Same<float>($"y of {steps} steps", expected, y);
            Near.Same<float>($"state after {steps} steps", PackedRun.Values(stepped), PackedRun.Values(ran));
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Without_steps_the_state_stays_and_an_output_of_the_whole_reads_it(int index, WeightPrecision precision)
    {
        PackedNetwork network = Pack(_specs[index], precision);
        StreamState state = Started(network), other = Started(network);
        var layout = new SequenceLayout();
        layout.Set(0, 1);
        float[] expected = new float[network.Spec.OutputLength(0, 1)], y = PackedRun.Undefined(expected.Length);
        network.Run(layout, [], [other], expected, new float[network.RunWorkspaceLength(layout)]);
        state.Run([], y);
        Near.Same<float>("y", expected, y);
        Near.Same<float>("state", PackedRun.Values(other), PackedRun.Values(state));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_output_may_be_the_input_if_rows_are_alike(int index, WeightPrecision precision)
    {
        PackedNetwork network = Pack(_specs[index], precision);
        float[] x = Input(network, 14), expected = new float[network.Spec.OutputLength(14, 1)];
        Started(network).Run(x, expected);
        float[] before = [.. x];
        if (network.Spec.InputSize == network.Spec.OutputSize && !network.Spec.IsManyToOne)
        {
            Started(network).Run(x, x);
            Near.Same<float>("y", expected, x);
            Refused(network, "y", state => state.Run(before.AsSpan(0, network.Spec.InputSize * 2), Behind(before, network)));
        }
        else
        {
            Refused(network, "y", state => state.Run(x, x.AsSpan(0, expected.Length)));
            Near.Same<float>("x", before, x);
        }
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        PackedNetwork network = Pack(_specs[5], WeightPrecision.Fp32);
        float[] y = [.. Enumerable.Repeat(Canary, 6)];
        Refused(network, "x", state => state.Run(new float[7], y));
        Refused(network, "y", state => state.Run(new float[6], y.AsSpan(0, 5)));
        Refused(network, "y", state => state.Run(new float[3], y));
        PackedNetwork last = Pack(_specs[4], WeightPrecision.Fp32);
        Refused(last, "y", state => state.Run(new float[6], y));
        Assert.All(y, value => Assert.Equal(Canary, value));
    }

    [Fact]
    public void A_network_says_how_wide_its_registers_are()
    {
        int width = Pack(_specs[5], WeightPrecision.Fp32).RegisterWidth;
        Assert.Contains(width, (int[])[32, 128, 256, 512]);
        if (Environment.GetEnvironmentVariable("SPANRNN_EXPECT_WIDTH") is { } expected)
        {
            Assert.Equal(Math.Max(32, int.Parse(expected, CultureInfo.InvariantCulture)), width);
        }

        Assert.Equal(width, Pack(_specs[5], WeightPrecision.Bf16).RegisterWidth);
        Assert.Equal(Math.Min(width, 256), Pack(_specs[5], WeightPrecision.Int8).RegisterWidth);
    }

    private static Span<float> Behind(float[] x, PackedNetwork network) =>
        x.AsSpan(network.Spec.InputSize, network.Spec.InputSize * 2);

    private static void Refused(PackedNetwork network, string name, Action<StreamState> call)
    {
        StreamState state = Started(network);
        float[] before = PackedRun.Values(state);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => call(state)).ParamName);
        Near.Same<float>("state", before, PackedRun.Values(state));
    }

    private static PackedNetwork Pack(NetworkSpec spec, WeightPrecision precision)
    {
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(1));
        return new PackedNetwork(spec, parameters, precision);
    }

    // Tiny inputs count as zero, one by one or in a block.
    private static float[] Input(PackedNetwork network, int steps)
    {
        float[] x = new float[steps * network.Spec.InputSize];
        new RandomSource(2).Fill<float>(x, -1, 1);
        for (int i = 0; i < x.Length; i += 5)
        {
            x[i] = 9e-31f;
        }

        return x;
    }

    private static StreamState Started(PackedNetwork network)
    {
        float[] values = new float[network.Spec.StateSize];
        new RandomSource(3).Fill<float>(values, -1, 1);
        foreach (StateSlot slot in network.Spec.States)
        {
            if (slot.Kind == StateKind.Count)
            {
                values[slot.Offset] = 2;
            }
        }

        return PackedRun.State(network, values);
    }

    private static Span<float> Row(float[] rows, int row, int size) => rows.AsSpan(row * size, size);
}
