namespace SpanRnn.Tests;

/// <summary>Wrong arguments of a packed network: the exception, its text, and no memory written before it.</summary>
public class PackedArgumentTests
{
    private const float Canary = 0.25f;
    private const int Streams = 2;
    private const int Steps = 3;

    private static readonly NetworkSpec _spec = new(
        3,
        new RecurrentLayer(CellKind.Lstm, 5) { ProjectionSize = 2 },
        new RecurrentLayer(CellKind.GruResetBefore, 4),
        new DenseLayer(7));

    private readonly PackedNetwork _network = new(_spec, new float[_spec.Parameters.Length]);

    [Fact]
    public void Parameters_of_another_length_are_refused()
    {
        int length = _spec.Parameters.Length;
        foreach (int wrong in (int[])[length - 1, length + 1, 0])
        {
            ArgumentException e = Assert.Throws<ArgumentException>(() => new PackedNetwork(_spec, new float[wrong]));
            Assert.Equal("parameters", e.ParamName);
            Assert.StartsWith($"'parameters' has {wrong} elements, expected {length} = ", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal("spec", Assert.Throws<ArgumentNullException>(() => new PackedNetwork(null!, [])).ParamName);
        Assert.ThrowsAny<ArgumentException>(() => new PackedNetwork(_spec, new float[length], (WeightPrecision)3));
    }

    [Fact]
    public void A_network_says_what_it_is()
    {
        Assert.Same(_spec, _network.Spec);
        Assert.Equal(WeightPrecision.Fp32, _network.Precision);
        long previous = long.MaxValue;
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            var spec = new NetworkSpec(128, new RecurrentLayer(CellKind.Lstm, 128));
            var network = new PackedNetwork(spec, new float[spec.Parameters.Length], precision);
            Assert.Equal(precision, network.Precision);
            long weights = 4 * 128 * 256L * (precision switch { WeightPrecision.Fp32 => 4, WeightPrecision.Bf16 => 2, _ => 1 });
            Assert.InRange(network.WeightBytes, weights, weights * 1.1);
            Assert.True(network.WeightBytes < previous);
            previous = network.WeightBytes;
        }
    }

    [Fact]
    public void NaN_and_infinity_in_parameters_are_a_warning()
    {
        Assert.Null(_network.Warning);
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            foreach (WeightPrecision precision in PackedProblems.Precisions)
            {
                foreach (ParameterSlot slot in _spec.Parameters.Slots)
                {
                    float[] parameters = new float[_spec.Parameters.Length];
                    slot.In(parameters.AsSpan())[^1] = bad;
                    string? warning = new PackedNetwork(_spec, parameters, precision).Warning;
                    Assert.NotNull(warning);
                    Assert.Contains(slot.Name, warning, StringComparison.Ordinal);
                    Assert.Contains("1", warning, StringComparison.Ordinal);
                }
            }
        }

        float[] three = new float[_spec.Parameters.Length];
        three[_spec.Parameters.Slots[1].Offset] = float.NaN;
        _spec.Parameters.Slots[2].In(three.AsSpan())[..2].Fill(float.PositiveInfinity);
        string all = new PackedNetwork(_spec, three).Warning!;
        Assert.Contains("3", all, StringComparison.Ordinal);
        Assert.Contains(_spec.Parameters.Slots[1].Name, all, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_refuses_wrong_lengths() => Refuses(
        [("x", 3), ("y", 7)],
        1,
        (spans, states) => states[0].Step(spans[0], spans[1]));

    [Fact]
    public void StepMany_refuses_wrong_lengths() => Refuses(
        [("x", Streams * 3), ("y", Streams * 7), ("workspace", _network.StepManyWorkspaceLength(Streams))],
        Streams,
        (spans, states) => _network.StepMany(spans[0], states, spans[1], spans[2]));

    [Fact]
    public void Run_refuses_wrong_lengths()
    {
        SequenceLayout layout = Layout(Streams);
        Refuses(
            [("x", Steps * Streams * 3), ("y", Steps * Streams * 7), ("workspace", _network.RunWorkspaceLength(layout))],
            Streams,
            (spans, states) => _network.Run(layout, spans[0], states, spans[1], spans[2]));
    }

    [Fact]
    public void Run_refuses_another_number_of_states()
    {
        SequenceLayout layout = Layout(Streams);
        foreach (int count in (int[])[Streams - 1, Streams + 1])
        {
            Refused<ArgumentException>(
                count,
                states => Run(layout, states),
                "streams",
                $"'streams' has {count} elements, expected {Streams} = ");
        }
    }

    [Fact]
    public void A_state_of_another_network_is_refused()
    {
        // The parameters are the same: the object counts.
        StreamState other = new PackedNetwork(_spec, new float[_spec.Parameters.Length]).CreateStream();
        Refused<ArgumentException>(Streams, states => StepMany([states[0], other]), "streams", "network");
        Refused<ArgumentException>(Streams, states => Run(Layout(Streams), [states[0], other]), "streams", "network");
    }

    [Fact]
    public void A_missing_state_is_refused()
    {
        Refused<ArgumentException>(Streams, states => StepMany([states[0], null!]), "streams");
        Refused<ArgumentException>(Streams, states => Run(Layout(Streams), [states[0], null!]), "streams");
        Refused<ArgumentNullException>(Streams, states => Run(null!, states), "layout");
        Assert.Equal("layout", Assert.Throws<ArgumentNullException>(() => _network.RunWorkspaceLength(null!)).ParamName);
    }

    /// <summary>States are refused at any two places, in small numbers and in large ones.</summary>
    [Fact]
    public void A_state_given_twice_is_refused()
    {
        foreach (int count in (int[])[2, 3, 40])
        {
            (int, int)[] pairs = [(0, count - 1), (0, 1), (count - 2, count - 1), ((count / 2) - 1, count / 2)];
            foreach ((int first, int second) in pairs)
            {
                string sentence = $"'streams' has the same stream at {first} and {second}, expected ";
                Refused<ArgumentException>(count, states => StepMany(Twice(states)), "streams", sentence);
                Refused<ArgumentException>(count, states => Run(Layout(count), Twice(states)), "streams", sentence);

                StreamState[] Twice(StreamState[] states)
                {
                    StreamState[] twice = [.. states];
                    twice[second] = twice[first];
                    return twice;
                }
            }
        }
    }

    /// <summary>A refusal leaves no trace: the same states then run as they would have.</summary>
    [Fact]
    public void After_a_refusal_the_states_run()
    {
        StreamState[] states = States(3);
        Assert.Throws<ArgumentException>(() => StepMany([states[0], states[1], states[1]]));
        Assert.Throws<ArgumentException>(() => Run(Layout(3), [states[2], states[1], states[2]]));
        StepMany(states);
        Run(Layout(3), states);
        StepMany([states[2], states[0]]);
    }

    [Fact]
    public void No_streams_are_legal()
    {
        StepMany([]);
        Run(Layout(0), []);
        Assert.ThrowsAny<ArgumentException>(() => _network.StepManyWorkspaceLength(-1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_network_that_runs_in_reverse_has_no_step(bool bothWays)
    {
        var spec = new NetworkSpec(
            3,
            [
                new RecurrentLayer(CellKind.Elman, 2),
                new RecurrentLayer(CellKind.Lstm, 2) { Bidirectional = bothWays, Reverse = !bothWays },
            ]);
        HasNoStep(
            spec,
            message => Assert.StartsWith(
                $"Layer 1 runs in {(bothWays ? "both directions" : "reverse")} and needs whole sequences",
                message,
                StringComparison.Ordinal));
    }

    /// <summary>The sentence says which layer it is and what it does.</summary>
    [Fact]
    public void Layers_that_need_whole_sequences_have_no_step()
    {
        foreach ((LayerSpec layer, string does) in new (LayerSpec, string)[]
        {
            (new StepLayer(4), "takes step 4"),
            (new AttentionLayer(), "weighs all steps (attention)"),
            (new RecurrentLayer(CellKind.Elman, 2) { Reverse = true }, "runs in reverse"),
        })
        {
            var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.GruResetAfter, 2), new PReluLayer(), layer);
            string expected = $"Layer 2 {does} and needs whole sequences; expected a network without such a layer in a stream, "
                + "or Run with a layout.";
            HasNoStep(spec, message => Assert.Equal(expected, message));
        }
    }

    private delegate void Call(float[][] spans, StreamState[] states);

    // All three ways to step are refused, and nothing changes.
    private static void HasNoStep(NetworkSpec spec, Action<string> check)
    {
        var network = new PackedNetwork(spec, new float[spec.Parameters.Length]);
        StreamState state = PackedRun.State(network, Filled(spec.StateSize));
        float[] y = Filled(spec.OutputSize);
        InvalidOperationException[] failures =
        [
            Assert.Throws<InvalidOperationException>(() => state.Step(new float[3], y)),
            Assert.Throws<InvalidOperationException>(() => state.Run(new float[3], y)),
            Assert.Throws<InvalidOperationException>(
                () => network.StepMany(new float[3], [state], y, new float[network.StepManyWorkspaceLength(1)])),
        ];
        Assert.All(failures, e => check(e.Message));
        Assert.All([.. PackedRun.Values(state), .. y], value => Assert.Equal(Canary, value));
    }

    // The call runs on spans of the right length. Each span one shorter and one longer is refused with a sentence, and nothing changes.
    private void Refuses((string Name, int Length)[] spans, int count, Call call)
    {
        call(Array.ConvertAll(spans, span => Filled(span.Length)), States(count));
        for (int i = 0; i < spans.Length; i++)
        {
            (string name, int expected) = spans[i];
            foreach (int length in (int[])[expected - 1, expected + 1, 0])
            {
                if (length < 0 || length == expected)
                {
                    continue;
                }

                float[][] values = Array.ConvertAll(spans, span => Filled(span.Length));
                values[i] = Filled(length);
                Refused<ArgumentException>(
                    count, states => call(values, states), name, $"'{name}' has {length} elements, expected {expected} = ");
                Assert.All(values.SelectMany(span => span), value => Assert.Equal(Canary, value));
            }
        }
    }

    private void Refused<T>(int count, Action<StreamState[]> call, string name, params string[] parts)
        where T : ArgumentException
    {
        StreamState[] states = States(count);
        T e = Assert.ThrowsAny<T>(() => call(states));
        Assert.Equal(name, e.ParamName);
        Assert.All(parts, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.All(states, state => Assert.All(PackedRun.Values(state), value => Assert.Equal(Canary, value)));
    }

    private void StepMany(StreamState[] states) => _network.StepMany(
        new float[states.Length * 3], states, new float[states.Length * 7], new float[_network.StepManyWorkspaceLength(states.Length)]);

    private void Run(SequenceLayout layout, StreamState[] states) => _network.Run(
        layout,
        new float[Steps * (layout?.Batch ?? 0) * 3],
        states,
        new float[Steps * (layout?.Batch ?? 0) * 7],
        new float[layout is null ? 0 : _network.RunWorkspaceLength(layout)]);

    private StreamState[] States(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => PackedRun.State(_network, Filled(_spec.StateSize)))];

    private static SequenceLayout Layout(int batch)
    {
        var layout = new SequenceLayout();
        layout.Set(Steps, batch);
        return layout;
    }

    private static float[] Filled(int length)
    {
        float[] values = new float[length];
        values.AsSpan().Fill(Canary);
        return values;
    }
}
