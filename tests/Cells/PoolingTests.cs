namespace SpanRnn.Tests;

/// <summary>
/// Values of layers that make one row per sequence, worked out by hand: whole sequences, sequences without steps, carried states, equal
/// numbers. Both engines have them.
/// </summary>
[Trait("Category", "Simd")]
public class PoolingTests
{
    // Two features over three steps.
    private static readonly double[] _x = [1, -2, 3, -5, -1, 4];

    public static TheoryData<LayerSpec, double[]> Values => new()
    {
        { new PoolLayer(Pooling.Mean), [1, -1] },
        { new PoolLayer(Pooling.Maximum), [3, 4] },
        { new PoolLayer(Pooling.Sum), [3, -3] },
        { new PoolLayer(Pooling.Last), [-1, 4] },
        { new StepLayer(0), [1, -2] },
        { new StepLayer(2), [-1, 4] },
        { new StepLayer(3), [0, 0] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void One_row_is_made_of_the_steps(LayerSpec layer, double[] expected)
    {
        Assert.Equal(expected, Run(layer, _x).Y);
        Assert.Equal(Array.ConvertAll(expected, value => (float)value), Packed(layer, _x).Y);
    }

    /// <summary>w = (log 2, 0): shares of 2 : 8 : 1/2.</summary>
    [Fact]
    public void Attention_weighs_the_steps_by_their_scores()
    {
        double[] expected = [(2 + (8 * 3) - 0.5) / 10.5, ((2 * -2) + (8 * -5) + (0.5 * 4)) / 10.5];
        double[] weights = [Math.Log(2), 0];

        Near.Assert<double>("y", expected, Run(new AttentionLayer(), _x, parameters: weights).Y, 1e-15);
        Near.Assert<double>("y", expected, Widened(Packed(new AttentionLayer(), _x, parameters: weights).Y), 1e-6);
    }

    [Fact]
    public void Large_scores_of_attention_do_not_overflow()
    {
        double[] x = [1000, 7, -1000, 8, 999, 9];
        foreach (double weight in new[] { 1.0, -1.0 })
        {
            double[] expected = weight > 0 ? [1000, 7] : [-1000, 8];
            double[] shared = weight > 0 ? [1 / (1 + Math.Exp(-1)), 1 / (1 + Math.E)] : [1, 0];
            expected = [(shared[0] * expected[0]) + (shared[1] * 999), (shared[0] * expected[1]) + (shared[1] * 9)];
            Near.Assert<double>("y", expected, Run(new AttentionLayer(), x, parameters: [weight, 0]).Y, 1e-14);
            Near.Assert<double>("y", expected, Widened(Packed(new AttentionLayer(), x, parameters: [weight, 0]).Y), 1e-6);
        }
    }

    public static TheoryData<LayerSpec, double[], double[]> Continued => new()
    {
        // What there is so far (p, and n where steps are counted), and the value without a further step.
        { new PoolLayer(Pooling.Mean), [6, -9, 3], [2, -3] },
        { new PoolLayer(Pooling.Mean), [0, 0, 0], [0, 0] },
        { new PoolLayer(Pooling.Maximum), [6, -9, 3], [6, -9] },
        { new PoolLayer(Pooling.Maximum), [0, 0, 0], [0, 0] },
        { new PoolLayer(Pooling.Sum), [6, -9], [6, -9] },
        { new PoolLayer(Pooling.Last), [6, -9], [6, -9] },
        { new StepLayer(0), [], [0, 0] },
        { new AttentionLayer(), [], [0, 0] },
    };

    [Theory]
    [MemberData(nameof(Continued))]
    public void Without_steps_the_value_is_that_of_the_state_or_0(LayerSpec layer, double[] state, double[] expected)
    {
        // Alone, and beside a sequence with steps.
        foreach (int[] lengths in new int[][] { [0], [3, 0] })
        {
            (double[] y, double[] final) = Run(layer, _x, state, lengths);
            (float[] narrow, float[] narrowFinal) = Packed(layer, _x, state, lengths);
            Assert.Equal(expected, y[^2..]);
            Assert.Equal(Array.ConvertAll(expected, value => (float)value), narrow[^2..]);
            Assert.Equal(state, final);
            Assert.Equal(Array.ConvertAll(state, value => (float)value), narrowFinal);
        }
    }

    public static TheoryData<Pooling, double[], double[], double[]> Going => new()
    {
        { Pooling.Mean, [6, -9, 3], [1.5, -2], [9, -12, 6] },
        { Pooling.Maximum, [6, -9, 3], [6, 4], [6, 4, 6] },
        { Pooling.Maximum, [0, 0, 0], [3, 4], [3, 4, 3] },
        { Pooling.Sum, [6, -9], [9, -12], [9, -12] },
        { Pooling.Last, [6, -9], [-1, 4], [-1, 4] },
    };

    [Theory]
    [MemberData(nameof(Going))]
    public void A_pooling_goes_on_from_its_state(Pooling kind, double[] state, double[] expected, double[] final)
    {
        (double[] y, double[] found) = Run(new PoolLayer(kind), _x, state);
        (float[] narrow, float[] narrowFound) = Packed(new PoolLayer(kind), _x, state);
        Assert.Equal(expected, y);
        Assert.Equal(final, found);
        Assert.Equal(Array.ConvertAll(expected, value => (float)value), narrow);
        Assert.Equal(Array.ConvertAll(final, value => (float)value), narrowFound);
    }

    /// <summary>A maximum below 0 is not the 0 that the state starts from.</summary>
    [Fact]
    public void A_maximum_begins_with_the_first_step()
    {
        double[] x = [-3, -4, -5, -2];
        Assert.Equal([-3, -2], Run(new PoolLayer(Pooling.Maximum), x).Y);
        Assert.Equal([-3, -2], Packed(new PoolLayer(Pooling.Maximum), x).Y);
    }

    [Fact]
    public void NaN_stays_in_a_maximum()
    {
        foreach (int step in new[] { 0, 1, 2 })
        {
            double[] x = [.. _x];
            x[2 * step] = double.NaN;
            Assert.Equal([double.NaN, 4], Run(new PoolLayer(Pooling.Maximum), x).Y);
            Assert.Equal([float.NaN, 4], Packed(new PoolLayer(Pooling.Maximum), x).Y);
        }
    }

    /// <summary>The gradient of a maximum goes to the first step that has it, and to a step rather than to what came before.</summary>
    [Fact]
    public void Equal_numbers_share_no_gradient()
    {
        double[] x = [3, 0, 3, 7, 1, 7];
        Assert.Equal([1, 0, 0, 1, 0, 0, 0, 0, 0], Gradient([0, 0, 0]));
        Assert.Equal([1, 0, 0, 1, 0, 0, 0, 0, 0], Gradient([3, 7, 1]));
        Assert.Equal([0, 0, 0, 1, 0, 0, 1, 0, 0], Gradient([4, 7, 1]));

        // By [x, initial state], of the sum of both outputs.
        double[] Gradient(double[] state)
        {
            var run = new NetworkRun<double>(new NetworkSpec(2, new PoolLayer(Pooling.Maximum)), 3, [3]);
            x.CopyTo(run.X, 0);
            state.CopyTo(run.State, 0);
            run.Forward();
            run.DY.AsSpan().Fill(1);
            run.DState.AsSpan().Clear();
            run.Backward();
            return run.Gradient();
        }
    }

    [Fact]
    public void Final_states_of_a_sequence_without_steps_are_its_initial_states()
    {
        RecurrentLayer both = new(CellKind.Lstm, 2) { Bidirectional = true, ProjectionSize = 1 };
        var spec = new NetworkSpec(2, both, both, new FinalStateLayer { AllLayers = true, Cells = true });
        double[] state = [.. Enumerable.Range(0, spec.StateSize)];
        var run = new NetworkRun<double>(spec, 0, [0]);
        state.CopyTo(run.State, 0);
        run.Forward();

        // States are h c of layer 0 forward, then reverse, then of layer 1; h has 1 number and c has 2. The output has every h first.
        double[] expected = [0, 3, 6, 9, 1, 2, 4, 5, 7, 8, 10, 11];
        Assert.Equal(expected, run.Y);
        Assert.Equal(state, run.State);

        var network = new PackedNetwork(spec, new float[spec.Parameters.Length]);
        var layout = new SequenceLayout();
        layout.Set(0, 1);
        float[] y = new float[expected.Length];
        StreamState stream = PackedRun.State(network, Array.ConvertAll(state, value => (float)value));
        network.Run(layout, [], [stream], y, new float[network.RunWorkspaceLength(layout)]);
        Assert.Equal(Array.ConvertAll(expected, value => (float)value), y);
    }

    // x [T, 2] for every sequence of the batch; the state is that of the last one, the others start from zeros.
    private static (double[] Y, double[] State) Run(
        LayerSpec layer, double[] x, double[]? state = null, int[]? lengths = null, double[]? parameters = null)
    {
        var spec = new NetworkSpec(2, layer);
        lengths ??= [x.Length / 2];
        var run = new NetworkRun<double>(spec, lengths.Max(), lengths);
        parameters?.CopyTo(run.Parameters, 0);
        for (int b = 0; b < lengths.Length; b++)
        {
            for (int i = 0; i < 2 * lengths[b]; i++)
            {
                run.X[(i / 2 * lengths.Length * 2) + (b * 2) + (i % 2)] = x[i];
            }
        }

        foreach (StateSlot slot in spec.States)
        {
            state?.AsSpan(slot.Offset, slot.Size).CopyTo(slot.In(run.State.AsSpan(), lengths.Length)[^slot.Size..]);
        }

        run.Forward();
        double[] final = [.. spec.States.ToArray().SelectMany(slot => slot.In(run.State.AsSpan(), lengths.Length)[^slot.Size..].ToArray())];
        return (run.Y, final);
    }

    private static (float[] Y, float[] State) Packed(
        LayerSpec layer, double[] x, double[]? state = null, int[]? lengths = null, double[]? parameters = null)
    {
        var spec = new NetworkSpec(2, layer);
        lengths ??= [x.Length / 2];
        float[] weights = new float[spec.Parameters.Length];
        Array.ConvertAll(parameters ?? [], value => (float)value).CopyTo(weights, 0);
        var network = new PackedNetwork(spec, weights);
        var layout = new SequenceLayout();
        layout.Set(lengths.Max(), lengths);
        float[] rows = new float[spec.InputLength(layout.Steps, layout.Batch)];
        for (int b = 0; b < lengths.Length; b++)
        {
            for (int i = 0; i < 2 * lengths[b]; i++)
            {
                rows[(i / 2 * lengths.Length * 2) + (b * 2) + (i % 2)] = (float)x[i];
            }
        }

        StreamState[] states = Array.ConvertAll(lengths, _ => network.CreateStream());
        if (state is not null)
        {
            states[^1] = PackedRun.State(network, Array.ConvertAll(state, value => (float)value));
        }

        float[] y = new float[spec.OutputLength(layout.Steps, layout.Batch)];
        network.Run(layout, rows, states, y, new float[network.RunWorkspaceLength(layout)]);
        return (y, PackedRun.Values(states[^1]));
    }

    private static double[] Widened(float[] values) => Array.ConvertAll(values, value => (double)value);
}
