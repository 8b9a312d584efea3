using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>Results with the same bits however a packed network computes them, at each precision, over random networks.</summary>
[Trait("Category", "Simd")]
public class PackedIdentityTests
{
    private const int Count = 40;

    [Property(MaxTest = Count, Arbitrary = [typeof(PackedProblems.Streams)])]
    internal void Steps_one_by_one_many_at_once_and_whole_sequences_are_the_same(Problem problem) => EveryCallGivesTheSame(problem);

    /// <summary>Every tail of a panel, in batches on both sides of the height of a tile.</summary>
    [Fact]
    public void They_are_the_same_at_every_size()
    {
        for (int size = 1; size <= 70; size++)
        {
            foreach (LayerSpec[] layers in PackedProblems.Kinds(size))
            {
                EveryCallGivesTheSame(Sized(layers, (size * 13 % 70) + 1, 1 + (size % 5), size));
            }
        }
    }

    /// <summary>Sums longer and batches larger than those drawn.</summary>
    [Fact]
    public void They_are_the_same_at_large_sizes()
    {
        foreach (LayerSpec[] layers in PackedProblems.Kinds(301))
        {
            EveryCallGivesTheSame(Sized(layers, 530, 3, 1));
        }

        foreach (LayerSpec[] layers in PackedProblems.Kinds(19))
        {
            EveryCallGivesTheSame(Sized(layers, 7, 67, 2));
        }
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(PackedProblems.All)])]
    internal void A_batch_equals_each_sequence_alone(Problem problem) => Each(problem, run =>
    {
        PackedResult whole = run.Run();
        for (int b = 0; b < run.Layout.Batch; b++)
        {
            PackedResult alone = run.Alone(b).Run();
            Near.Same<float>($"y of sequence {b}", alone.Y, run.OutputOf(whole, b));
            Near.Same<float>($"state of sequence {b}", alone.States[0], whole.States[b]);
        }
    });

    [Property(MaxTest = Count, Arbitrary = [typeof(PackedProblems.Streams)])]
    internal void Two_halves_with_carried_state_equal_the_whole(Problem problem) => Each(problem, run =>
    {
        int middle = run.Layout.Steps / 2;
        PackedResult whole = run.Run();
        PackedResult first = run.Between(0, middle, [.. Enumerable.Range(0, run.Layout.Batch).Select(run.Initial)]).Run();
        PackedResult second = run.Between(middle, run.Layout.Steps, first.States).Run();
        new PackedResult(problem.Spec.IsManyToOne ? second.Y : [.. first.Y, .. second.Y], second.States).AssertSame("in two halves", whole);
    });

    [Property(MaxTest = Count, Arbitrary = [typeof(PackedProblems.All)])]
    internal void Padding_is_never_read_and_holds_zeros(Problem problem) => Each(problem, run =>
    {
        PackedResult clean = run.Run();
        foreach (float filling in (float[])[float.NaN, float.PositiveInfinity])
        {
            run.FillPadding(filling);
            run.Run().AssertSame($"with {filling} in the padding", clean);
        }

        if (!run.Network.Spec.IsManyToOne)
        {
            for (int b = 0; b < run.Layout.Batch; b++)
            {
                for (int t = run.Layout.Length(b); t < run.Layout.Steps; t++)
                {
                    int size = run.Network.Spec.OutputSize;
                    Assert.True(clean.Y.AsSpan(((t * run.Layout.Batch) + b) * size, size).IndexOfAnyExcept(0f) < 0);
                }
            }
        }
    });

    [Property(MaxTest = Count, Arbitrary = [typeof(PackedProblems.All)])]
    internal void A_sequence_of_length_0_leaves_its_state(Problem problem) => Each(problem, run =>
    {
        PackedResult result = run.Run();
        for (int b = 0; b < run.Layout.Batch; b++)
        {
            if (run.Layout.Length(b) == 0)
            {
                Near.Same<float>("state", run.Initial(b), result.States[b]);
            }
        }
    });

    /// <summary>
    /// Layer by layer: the forward direction as a stream of its own, the reverse one as that of the sequence reversed. An affine layer may
    /// be part of the weights above it, and skips and merges do not run on their own.
    /// </summary>
    [Property(MaxTest = Count, Arbitrary = [typeof(LayersAlone)])]
    internal void A_bidirectional_layer_equals_two_streams(Problem problem) => Each(problem, run =>
    {
        PackedResult result = run.Run();
        for (int b = 0; b < run.Layout.Batch; b++)
        {
            (float[][] top, float[] state) = LayerByLayer(run, b);
            Near.Same<float>($"state of sequence {b}", state, result.States[b]);
            if (!run.Network.Spec.IsManyToOne)
            {
                Near.Same<float>($"y of sequence {b}", top.SelectMany(row => row).ToArray(), run.OutputOf(result, b));
            }
        }
    });

    /// <summary>A stream has after each step what a run of the steps so far has.</summary>
    [Property(MaxTest = Count, Arbitrary = [typeof(PooledStreams)])]
    internal void A_step_gives_the_value_so_far(Problem problem) => Each(problem, run =>
    {
        for (int b = 0; b < run.Layout.Batch; b++)
        {
            PackedRun alone = run.Alone(b);
            StreamState state = alone.States()[0];
            float[] y = new float[problem.Spec.OutputSize];
            for (int t = 0; t < alone.Layout.Steps; t++)
            {
                state.Step(alone.X(t, 0), y);
                PackedResult soFar = alone.Between(0, t + 1, [alone.Initial(0)]).Run();
                new PackedResult([.. y], [PackedRun.Values(state)]).AssertSame($"after {t + 1} steps", soFar);
            }
        }
    });

    /// <summary>Whole sequences in both directions and chains of every kind, against the training engine in double.</summary>
    [Property(MaxTest = Count, Arbitrary = [typeof(Steady)])]
    internal void A_whole_run_equals_a_forward_in_double(Problem problem)
    {
        NetworkRun<double> expected = problem.Run<double>();
        expected.Forward();
        PackedResult result = PackedRun.Of(problem, WeightPrecision.Fp32).Run();
        Near.Assert<double>("y", expected.Y, Array.ConvertAll(result.Y, y => (double)y), 2e-5);
        for (int b = 0; b < problem.Batch; b++)
        {
            foreach (StateSlot slot in problem.Spec.States)
            {
                Near.Assert<double>(
                    $"state of sequence {b}",
                    slot.In(expected.State.AsSpan(), problem.Batch).Slice(b * slot.Size, slot.Size),
                    Array.ConvertAll(slot.In(result.States[b].AsSpan(), 1).ToArray(), s => (double)s),
                    2e-5);
            }
        }
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(StreamsWithSteps)])]
    internal void The_output_may_be_where_the_input_was(Problem problem) => Each(problem, run =>
    {
        NetworkSpec spec = problem.Spec;
        PackedNetwork network = run.Network;
        float[] expected = new float[spec.OutputSize];
        run.States()[0].Step(run.X(0, 0), expected);
        float[] shared = new float[Math.Max(spec.InputSize, spec.OutputSize)];
        run.X(0, 0).CopyTo(shared);
        run.States()[0].Step(shared.AsSpan(0, spec.InputSize), shared.AsSpan(0, spec.OutputSize));
        Near.Same<float>("y", expected, shared.AsSpan(0, spec.OutputSize));
    });

    [Property(MaxTest = Count, Arbitrary = [typeof(PackedProblems.Streams)])]
    internal void Alignment_changes_no_bit(Problem problem) => Each(problem, run =>
    {
        PackedResult whole = run.Run();
        PackedNetwork network = run.Network;
        for (int shift = 1; shift <= 3; shift += 2)
        {
            StreamState[] states = run.States();
            float[] x = [.. new float[shift], .. Array.ConvertAll(problem.X, value => (float)value)];
            float[] y = new float[shift + whole.Y.Length];
            float[] workspace = PackedRun.Undefined(shift + network.RunWorkspaceLength(run.Layout));
            network.Run(run.Layout, x.AsSpan(shift), states, y.AsSpan(shift), workspace.AsSpan(shift));
            new PackedResult(y[shift..], Array.ConvertAll(states, PackedRun.Values)).AssertSame($"shifted by {shift}", whole);
        }
    });

    /// <summary>The comparison sees the last bit of one number.</summary>
    [Fact]
    public void One_bit_is_found_out()
    {
        PackedResult result = PackedRun.Of(Sized([new RecurrentLayer(CellKind.Lstm, 5)], 3, 2, 1), WeightPrecision.Fp32).Run();
        float[] y = [.. result.Y];
        y[^1] = MathF.BitIncrement(y[^1]);
        float[][] states = Array.ConvertAll(result.States, state => (float[])[.. state]);
        states[1][0] = MathF.BitDecrement(states[1][0]);

        result.AssertSame("as it is", result);
        Assert.ThrowsAny<Exception>(() => result.AssertSame("but one bit of y", result with { Y = y }));
        Assert.ThrowsAny<Exception>(() => result.AssertSame("but one bit of a state", result with { States = states }));
    }

    private static void EveryCallGivesTheSame(Problem problem) => Each(problem, run =>
    {
        PackedResult stepped = run.Step();
        run.StepMany().AssertSame($"of StepMany at {run.Network.Precision}", stepped);
        run.Run().AssertSame($"of Run at {run.Network.Precision}", stepped);
        run.RunEach().AssertSame($"of Run of each stream at {run.Network.Precision}", stepped);
    });

    private static void Each(Problem problem, Action<PackedRun> check)
    {
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            check(PackedRun.Of(problem, precision));
        }
    }

    private static Problem Sized(LayerSpec[] layers, int inputSize, int batch, int seed) => new(new ProblemShape(
        inputSize, layers, 3, [.. Enumerable.Range(0, batch).Select(b => 3 - (b % 3))], true, ProblemLoss.Linear, seed));

    /// <summary>Rows of the last layer and the final state of a sequence, each layer and direction stepped as its own network.</summary>
    private static (float[][] Top, float[] State) LayerByLayer(PackedRun run, int sequence)
    {
        NetworkSpec spec = run.Network.Spec;
        float[] final = new float[spec.StateSize];
        float[][] rows = [.. Enumerable.Range(0, run.Layout.Length(sequence)).Select(t => run.X(t, sequence).ToArray())];
        for (int layer = 0; layer < spec.Layers.Length; layer++)
        {
            float[][] outputs = new float[rows.Length][];
            if (spec.Layers[layer] is StepLayer or AttentionLayer or FinalStateLayer)
            {
                // Here the steps end, and above are no more states.
                break;
            }

            Direction[] directions = spec.Layers[layer] switch
            {
                RecurrentLayer { Bidirectional: true } => [Direction.Forward, Direction.Reverse],
                RecurrentLayer { Reverse: true } => [Direction.Reverse],
                _ => [Direction.Forward],
            };
            foreach (Direction direction in directions)
            {
                StreamState stream = One(run, layer, direction, sequence);
                for (int i = 0; i < rows.Length; i++)
                {
                    int t = direction == Direction.Forward ? i : rows.Length - 1 - i;
                    float[] h = new float[stream.Network.Spec.OutputSize];
                    stream.Step(rows[t], h);
                    outputs[t] = [.. outputs[t] ?? [], .. h];
                }

                foreach (StateSlot slot in stream.Network.Spec.States)
                {
                    stream.Values(slot).CopyTo(spec.State(layer, direction, slot.Kind)!.In(final.AsSpan(), 1));
                }
            }

            rows = outputs;
        }

        return (rows, final);
    }

    /// <summary>One layer in one direction as its own network, in the initial state of a sequence.</summary>
    private static StreamState One(PackedRun run, int layer, Direction direction, int sequence)
    {
        NetworkSpec spec = run.Network.Spec;
        LayerSpec alone = spec.Layers[layer];
        if (alone is RecurrentLayer recurrent)
        {
            RecurrentLayer forward = recurrent with { Bidirectional = false, Reverse = false, ReverseActivations = null };
            alone = direction == Direction.Reverse && recurrent.ReverseActivations is { } own
                ? forward with
                {
                    Activation = own.Activation,
                    GateActivation = own.GateActivation,
                    OutputActivation = own.OutputActivation,
                }
                : forward;
        }

        var one = new NetworkSpec(spec.LayerInputSize(layer), alone);
        float[] parameters = new float[one.Parameters.Length];
        foreach (ParameterRole role in Enum.GetValues<ParameterRole>())
        {
            if (one.Slot(0, Direction.Forward, role) is { } slot)
            {
                spec.Slot(layer, direction, role)!.In(run.Parameters).CopyTo(slot.In(parameters.AsSpan()));
            }
        }

        StreamState state = new PackedNetwork(one, parameters, run.Network.Precision).CreateStream();
        foreach (StateSlot slot in one.States)
        {
            spec.State(layer, direction, slot.Kind)!.In(run.Initial(sequence).AsSpan(), 1).CopyTo(state.Values(slot));
        }

        return state;
    }

    /// <summary>Networks whose layers run on their own.</summary>
    private static class LayersAlone
    {
        public static Arbitrary<Problem> Draws() => PackedProblems.All.Draws().Filter(
            problem => !Array.Exists(problem.Shape.Layers, layer => layer is SkipLayer or MergeLayer or AffineLayer));
    }

    private static class PooledStreams
    {
        public static Arbitrary<Problem> Draws() => PackedProblems.Streams.Draws().Filter(problem => problem.Spec.IsManyToOne);
    }

    private static class StreamsWithSteps
    {
        public static Arbitrary<Problem> Draws() =>
            PackedProblems.Streams.Draws().Filter(problem => problem.Shape.Steps > 0 && problem.Batch > 0);
    }

    /// <summary>Networks without a jump, and without gates above 1, which make roundings grow with the steps.</summary>
    private static class Steady
    {
        public static Arbitrary<Problem> Draws() => PackedProblems.All.Draws().Filter(problem => !problem.Shape.Layers.Any(layer =>
            layer is RecurrentLayer { GateActivation.Kind: ActivationKind.Silu }
            || Variants.ActivationsOf(layer).Any(f => f.Kind is ActivationKind.HardStep or ActivationKind.ThresholdedRelu)));
    }
}
