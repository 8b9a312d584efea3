namespace SpanRnn.Tests;

/// <summary>Reset, copy, save and restore; NaN in one stream beside others.</summary>
public class StreamStateTests
{
    public static TheoryData<WeightPrecision> Precisions() => [.. PackedProblems.Precisions];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Reset_heals_NaN(WeightPrecision precision)
    {
        foreach (RecurrentLayer layer in PackedProblems.Layers(19))
        {
            PackedNetwork network = Pack(layer, 1, precision);
            StreamState healed = network.CreateStream();
            float[] y = new float[network.Spec.OutputSize];
            float[] bad = Input(1, 0);
            foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            {
                bad[3] = value;
                healed.Step(bad, y);
                healed.Step(Input(1, 1), y);
                if (float.IsNaN(value) && layer.Activation.Kind is not (ActivationKind.HardStep or ActivationKind.Relu))
                {
                    Assert.Contains(y, float.IsNaN);
                    Assert.Contains(PackedRun.Values(healed), float.IsNaN);
                }

                healed.Reset();
                Assert.Equal(PackedRun.Values(network.CreateStream()), PackedRun.Values(healed));
                AssertSameFuture(network.CreateStream(), healed);
                healed.Reset();
            }
        }
    }

    /// <summary>NaN fed to any one of the streams leaves the bits of the others as they are without it.</summary>
    [Theory]
    [MemberData(nameof(Precisions))]
    public void NaN_stays_in_its_stream(WeightPrecision precision)
    {
        foreach (RecurrentLayer layer in PackedProblems.Layers(21))
        {
            foreach (bool bidirectional in (bool[])[false, true])
            {
                var shape = new ProblemShape(
                    9, [layer with { Bidirectional = bidirectional }], 4, [4, 2, 3, 4, 1, 4, 4], true, ProblemLoss.Linear, 5);
                var problem = new Problem(shape);
                PackedNetwork network = PackedRun.Pack(problem, precision);
                PackedResult clean = PackedRun.Of(problem, network).Run();
                for (int bad = 0; bad < problem.Batch; bad += 2)
                {
                    var run = PackedRun.Of(problem, network);
                    run.X(0, bad)[4] = bad == 0 ? float.PositiveInfinity : float.NaN;
                    run.Initial(bad)[0] = float.NaN;
                    AssertOthers(problem, run, bad, clean, run.Run());
                    if (!bidirectional)
                    {
                        AssertOthers(problem, run, bad, clean, run.StepMany());
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void A_copy_is_the_same_and_goes_its_own_way(WeightPrecision precision)
    {
        PackedNetwork network = Pack(new RecurrentLayer(CellKind.Lstm, 19), 1, precision);
        StreamState state = Used(network, 1);
        float[] before = PackedRun.Values(state);
        StreamState copy = Used(network, 2);
        copy.CopyFrom(state);
        Assert.Equal(before, PackedRun.Values(copy));
        copy.CopyFrom(copy);
        Assert.Equal(before, PackedRun.Values(copy));
        copy.Step(Input(9, 9), new float[network.Spec.OutputSize]);
        Assert.Equal(before, PackedRun.Values(state));
        copy.CopyFrom(state);
        AssertSameFuture(state, copy);

        // A network of the same parameters at another precision has states of as many numbers.
        StreamState rounded = Pack(new RecurrentLayer(CellKind.Lstm, 19), 1, WeightPrecision.Int8).CreateStream();
        rounded.CopyFrom(state);
        Assert.Equal(PackedRun.Values(state), PackedRun.Values(rounded));
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void What_is_saved_is_restored_to_the_bit(WeightPrecision precision)
    {
        foreach (RecurrentLayer layer in PackedProblems.Layers(23))
        {
            PackedNetwork network = Pack(layer, 1, precision);
            StreamState state = Used(network, 1);
            byte[] saved = Save(state);
            float[] before = PackedRun.Values(state);
            Assert.Equal(saved, Save(state));

            // In the same network, in another of the same parameters, and in the same at another precision.
            StreamState[] others =
            [
                Used(network, 2),
                new(Pack(layer, 1, precision)),
                .. PackedProblems.Precisions.Select(another => Used(Pack(layer, 1, another), 3)),
            ];
            foreach (StreamState other in others)
            {
                other.Restore(saved);
                Assert.Equal(before, PackedRun.Values(other));
                Assert.Equal(saved, Save(other));
            }

            AssertSameFuture(state, others[0]);
        }
    }

    /// <summary>The states of poolings are saved, restored, copied and reset like all others.</summary>
    [Theory]
    [MemberData(nameof(Precisions))]
    public void Poolings_have_states_too(WeightPrecision precision)
    {
        foreach (Pooling kind in Enum.GetValues<Pooling>())
        {
            LayerSpec[] layers = [new RecurrentLayer(CellKind.GruResetAfter, 19), new PoolLayer(kind), new DenseLayer(4)];
            PackedNetwork network = PackedRun.Pack(
                new Problem(new ProblemShape(9, layers, 1, [1], false, ProblemLoss.Linear, 1)), precision);
            StreamState state = Used(network, 1);
            if (network.Spec.State(1, Direction.Forward, StateKind.Count) is { } count)
            {
                Assert.Equal([3], state.Values(count).ToArray());
            }

            byte[] saved = Save(state);
            StreamState restored = Used(network, 2), copied = Used(network, 3), reset = Used(network, 4);
            restored.Restore(saved);
            copied.CopyFrom(state);
            Assert.Equal(saved, Save(restored));
            AssertSameFuture(state, restored);
            restored.Restore(saved);
            AssertSameFuture(restored, copied);

            float[] bad = Input(1, 0);
            bad[3] = float.NaN;
            reset.Step(bad, new float[4]);
            Assert.Contains(float.NaN, PackedRun.Values(reset));
            reset.Reset();
            Assert.All(PackedRun.Values(reset), value => Assert.Equal(0, value));
            AssertSameFuture(network.CreateStream(), reset);
        }
    }

    [Fact]
    public void A_network_without_recurrence_has_a_state_of_nothing()
    {
        var dense = new DenseLayer(5) { Activation = ActivationKind.Tanh };
        var spec = new NetworkSpec(3, dense, dense with { OutputSize = 40 }, dense, new DenseLayer(2));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(1));
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            var network = new PackedNetwork(spec, parameters, precision);
            network.WarmUp();
            StreamState state = network.CreateStream();
            byte[] saved = Save(state);
            Assert.Equal(16, saved.Length);
            float[] first = new float[2], second = new float[2];
            state.Step([1, 2, 3], first);
            state.Restore(saved);
            state.Step([1, 2, 3], second);
            Near.Same<float>("y", first, second);
        }
    }

    /// <summary>States are foreign even if their networks differ only in a member that the parameters do not show.</summary>
    [Fact]
    public void Networks_that_differ_in_one_member_are_foreign()
    {
        RecurrentLayer gru = new(CellKind.GruResetAfter, 3);
        DenseLayer dense = new(3) { Activation = ActivationKind.Tanh };
        RecurrentLayer both = gru with { Bidirectional = true };
        DenseLayer head = new(2);
        (NetworkSpec One, NetworkSpec Other)[] pairs =
        [
            (new(3, gru), new(3, gru with { Reverse = true })),
            (new(3, both), new(3, both with { ReverseActivations = Variants.Other(CellKind.GruResetAfter) })),
            (new(3, [gru, dense]), new(3, [gru, dense with { Activation = ActivationKind.Relu }])),
            (new(3, gru, head), new(3, gru, head with { Activation = new(ActivationKind.Elu, 0.5, 0) })),
            (new(3, gru, head), new(3, gru, head, new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax })),
            (new(3, gru, new PoolLayer(Pooling.Sum)), new(3, gru, new PoolLayer(Pooling.Last))),
            (new(3, gru, new FinalStateLayer()), new(3, gru)),
            (new(3, gru, gru, new SkipLayer(0)), new(3, gru, gru, new SkipLayer(1))),
        ];
        foreach ((NetworkSpec one, NetworkSpec other) in pairs)
        {
            float[] parameters = new float[one.Parameters.Length];
            StreamState state = new PackedNetwork(one, parameters).CreateStream();
            StreamState foreign = new PackedNetwork(other, parameters).CreateStream();
            state.CopyFrom(new PackedNetwork(one, parameters, WeightPrecision.Bf16).CreateStream());
            Assert.Throws<ArgumentException>(() => state.CopyFrom(foreign));
            Assert.Throws<ArgumentException>(() => state.Restore(Save(foreign)));
        }
    }

    [Fact]
    public void A_state_restored_from_an_unaligned_place_is_the_same()
    {
        PackedNetwork network = Pack(new RecurrentLayer(CellKind.Lstm, 19), 1, WeightPrecision.Fp32);
        StreamState state = Used(network, 1);
        byte[] bytes = new byte[state.SavedLength + 5];
        state.Save(bytes.AsSpan(3, state.SavedLength));
        Assert.Equal(new byte[3], bytes[..3]);
        Assert.Equal(new byte[2], bytes[^2..]);
        StreamState other = network.CreateStream();
        other.Restore(bytes.AsSpan(3, state.SavedLength));
        AssertSameFuture(state, other);
    }

    /// <summary>A refused file leaves the state as it was, and the sentence says what is wrong.</summary>
    [Fact]
    public void What_is_no_state_of_this_network_is_refused()
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 19);
        PackedNetwork network = Pack(layer, 1, WeightPrecision.Fp32);
        byte[] saved = Save(Used(network, 1));

        Refused(network, saved[..^1], $"{saved.Length - 1}", $"{saved.Length}");
        Refused(network, [.. saved, 0], $"{saved.Length + 1}", $"{saved.Length}");
        Refused(network, []);
        Refused(network, [(byte)(saved[0] ^ 1), .. saved[1..]]);

        // Other weights of the same shape; other shapes of as many numbers.
        Refused(network, Save(Used(Pack(layer, 2, WeightPrecision.Fp32), 1)));
        Refused(network, Save(Used(Pack(layer with { Bias = false }, 1, WeightPrecision.Fp32), 1)));
        PackedNetwork gru = Pack(new RecurrentLayer(CellKind.GruResetAfter, 20), 1, WeightPrecision.Fp32);
        PackedNetwork otherGru = Pack(new RecurrentLayer(CellKind.GruResetBefore, 20), 1, WeightPrecision.Fp32);
        Refused(gru, Save(Used(otherGru, 1)));
        Refused(gru, Save(Used(Pack(new RecurrentLayer(CellKind.Elman, 20), 1, WeightPrecision.Fp32), 1)));
    }

    /// <summary>Every byte of the header counts: magic, version, fingerprint, length.</summary>
    [Fact]
    public void A_header_with_any_bit_wrong_is_refused()
    {
        PackedNetwork network = Pack(new RecurrentLayer(CellKind.Elman, 19), 1, WeightPrecision.Fp32);
        byte[] saved = Save(Used(network, 1));
        int header = saved.Length - (network.Spec.StateSize * sizeof(float));
        Assert.InRange(header, 8, 64);
        int refused = 0;
        for (int i = 0; i < header; i++)
        {
            byte[] wrong = [.. saved];
            wrong[i] ^= 0x10;
            StreamState state = Used(network, 2);
            float[] before = PackedRun.Values(state);
            try
            {
                state.Restore(wrong);
            }
            catch (ArgumentException)
            {
                refused++;
                Assert.Equal(before, PackedRun.Values(state));
            }
        }

        Assert.Equal(header, refused);
    }

    [Fact]
    public void States_of_other_networks_are_not_copied()
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 19);
        StreamState state = Used(Pack(layer, 1, WeightPrecision.Fp32), 1);
        float[] before = PackedRun.Values(state);
        foreach (LayerSpec other in (LayerSpec[])[layer, layer with { Bias = false }, layer with { Cell = CellKind.GruResetAfter }])
        {
            ArgumentException e = Assert.Throws<ArgumentException>(() => state.CopyFrom(Used(Pack(other, 2, WeightPrecision.Fp32), 2)));
            Assert.StartsWith(
                "'other' is a stream of another network, expected one of the same layers and parameters.",
                e.Message,
                StringComparison.Ordinal);
            Assert.Equal(before, PackedRun.Values(state));
        }

        Assert.Equal("other", Assert.Throws<ArgumentNullException>(() => state.CopyFrom(null!)).ParamName);
        Assert.Equal("slot", Assert.Throws<ArgumentNullException>(() => _ = state.Values(null!)[0]).ParamName);
    }

    /// <summary>Bytes are the same on any machine: little-endian numbers behind the header, each state at its slot's offset.</summary>
    [Fact]
    public void Numbers_are_saved_in_little_endian_order()
    {
        PackedNetwork network = Pack(new RecurrentLayer(CellKind.Lstm, 3), 1, WeightPrecision.Fp32);
        StreamState state = Used(network, 1);
        byte[] saved = Save(state);
        float[] values = PackedRun.Values(state);
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> number = saved.AsSpan(saved.Length - ((values.Length - i) * sizeof(float)));
            Assert.Equal(values[i], System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(number));
        }
    }

    [Fact]
    public void Values_are_the_state_itself()
    {
        PackedNetwork network = Pack(new RecurrentLayer(CellKind.Lstm, 5) { ProjectionSize = 2 }, 1, WeightPrecision.Fp32);
        StreamState state = network.CreateStream();
        Assert.Same(network, state.Network);
        foreach (StateSlot slot in network.Spec.States)
        {
            Assert.Equal(slot.Size, state.Values(slot).Length);
            state.Values(slot)[slot.Size - 1] = slot.Offset + 1;
        }

        foreach (StateSlot slot in network.Spec.States)
        {
            Assert.Equal(slot.Offset + 1, state.Values(slot)[^1]);
        }
    }

    private static void AssertOthers(Problem problem, PackedRun run, int bad, PackedResult clean, PackedResult got)
    {
        for (int b = 0; b < problem.Batch; b++)
        {
            if (b != bad)
            {
                Near.Same<float>($"state {b} beside {bad}", clean.States[b], got.States[b]);
                Near.Same<float>($"y {b} beside {bad}", run.OutputOf(clean, b), run.OutputOf(got, b));
            }
            else if (problem.Shape.Layers[0] is RecurrentLayer { Activation.Kind: not (ActivationKind.HardStep or ActivationKind.Relu) })
            {
                Assert.Contains(got.States[b], value => !float.IsFinite(value));
            }
        }
    }

    private static void Refused(PackedNetwork network, byte[] bytes, params string[] parts)
    {
        StreamState state = Used(network, 2);
        float[] before = PackedRun.Values(state);
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => state.Restore(bytes));
        Assert.Contains("bytes", e.Message, StringComparison.Ordinal);
        Assert.Contains("expected", e.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.Equal(before, PackedRun.Values(state));
    }

    private static void AssertSameFuture(StreamState expected, StreamState actual)
    {
        float[] y = new float[expected.Network.Spec.OutputSize];
        float[] other = new float[y.Length];
        for (int t = 0; t < 3; t++)
        {
            expected.Step(Input(7, t), y);
            actual.Step(Input(7, t), other);
            Near.Same<float>($"y of step {t}", y, other);
            Near.Same<float>($"state after step {t}", PackedRun.Values(expected), PackedRun.Values(actual));
        }
    }

    private static StreamState Used(PackedNetwork network, int seed)
    {
        StreamState state = network.CreateStream();
        for (int t = 0; t < 3; t++)
        {
            state.Step(Input(seed, t), new float[network.Spec.OutputSize]);
        }

        return state;
    }

    private static byte[] Save(StreamState state)
    {
        byte[] bytes = new byte[state.SavedLength];
        bytes.AsSpan().Fill(0xA5);
        state.Save(bytes);
        return bytes;
    }

    private static float[] Input(int seed, int step)
    {
        var random = new Random((seed * 100) + step);
        return [.. Enumerable.Range(0, 9).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static PackedNetwork Pack(LayerSpec layer, int seed, WeightPrecision precision) => PackedRun.Pack(
        new Problem(new ProblemShape(9, [layer], 1, [1], false, ProblemLoss.Linear, seed)), precision);
}
