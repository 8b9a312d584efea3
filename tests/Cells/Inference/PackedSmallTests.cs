namespace SpanRnn.Tests;

/// <summary>Numbers around the smallest magnitude that is not flushed, and huge weights: all calls give the same bits.</summary>
public class PackedSmallTests
{
    private const int Streams = 3;

    [Fact]
    public void Small_states_that_a_host_gives_count_the_same_in_every_call() => Each(CellKind.Elman, 1e8f, (network, random) =>
        Compare(network, _ => random.NextSingle(), _ => Tiny(random)));

    [Fact]
    public void So_do_small_inputs() => Each(CellKind.Elman, 1, (network, random) => Compare(network, _ => Tiny(random), _ => 0));

    [Fact]
    public void So_do_small_states_beside_small_candidates() => Each(CellKind.GruResetAfter, 1e6f, (network, random) =>
        Compare(network, _ => Tiny(random), _ => Tiny(random)));

    [Fact]
    public void A_head_reads_the_small_state_of_an_empty_sequence_as_it_would_alone()
    {
        var spec = new NetworkSpec(
            1,
            new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Identity },
            new FinalStateLayer(),
            new DenseLayer(2));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Slot(2, Direction.Forward, ParameterRole.InputWeights)!.In(parameters.AsSpan()).Fill(1e20f);
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            var network = new PackedNetwork(spec, parameters, precision);
            foreach (int batch in (int[])[1, Streams])
            {
                var layout = new SequenceLayout();
                layout.Set(0, batch);
                StreamState[] states = States(network, batch, _ => 5e-31f);
                float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
                network.Run(layout, [], states, y, new float[network.RunWorkspaceLength(layout)]);
                Near.Same<float>("y", new float[y.Length], y);
                Assert.Equal(5e-31f, states[0].Values(spec.States[0])[0]);
            }
        }
    }

    /// <summary>W·diag s would not be finite, W·(s ⊙ x) is: the affine layer stays one of its own.</summary>
    [Fact]
    public void An_affine_layer_whose_product_with_weights_is_too_large_is_not_part_of_them()
    {
        var spec = new NetworkSpec(1, new AffineLayer(), new DenseLayer(1));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Slot(0, Direction.Forward, ParameterRole.Scale)!.In(parameters.AsSpan())[0] = 1e30f;
        spec.Slot(0, Direction.Forward, ParameterRole.Shift)!.In(parameters.AsSpan())[0] = 3;
        spec.Slot(1, Direction.Forward, ParameterRole.InputWeights)!.In(parameters.AsSpan())[0] = 1e20f;
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            var network = new PackedNetwork(spec, parameters, precision);
            float[] y = new float[1];
            network.CreateStream().Step([1e-25f], y);
            Assert.Equal(1e25, y[0], 1e23);
        }
    }

    [Fact]
    public void Scales_of_int8_whose_product_is_too_large_make_no_NaN()
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Identity });
        float[] parameters = new float[spec.Parameters.Length];
        spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.In(parameters.AsSpan())[1] = 1e5f;
        var network = new PackedNetwork(spec, parameters, WeightPrecision.Int8);
        float[] y = [1];
        network.CreateStream().Step([3e38f, 0], y);
        Assert.Equal(0, y[0]);
    }

    private static float Tiny(Random random) => random.Next(4) switch { 0 => 9e-31f, 1 => 1.1e-30f, 2 => 1e-31f, _ => 1e-26f };

    private static void Each(CellKind cell, float weights, Action<PackedNetwork, Random> check)
    {
        var random = new Random(1);
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            foreach (int size in (int[])[1, 5, 17])
            {
                var layer = new RecurrentLayer(cell, size)
                {
                    Activation = cell == CellKind.Elman ? ActivationKind.Identity : ActivationKind.Tanh,
                };
                var spec = new NetworkSpec(size, layer);
                float[] parameters = new float[spec.Parameters.Length];
                foreach (ParameterRole role in (ParameterRole[])[ParameterRole.InputWeights, ParameterRole.RecurrentWeights])
                {
                    foreach (ref float weight in spec.Slot(0, Direction.Forward, role)!.In(parameters.AsSpan()))
                    {
                        weight = weights * (random.NextSingle() + 0.5f);
                    }
                }

                check(new PackedNetwork(spec, parameters, precision), random);
            }
        }
    }

    private static StreamState[] States(PackedNetwork network, int count, Func<int, float> value)
    {
        StreamState[] states = [.. Enumerable.Range(0, count).Select(_ => network.CreateStream())];
        foreach (StreamState state in states)
        {
            foreach (StateSlot slot in network.Spec.States)
            {
                Span<float> values = state.Values(slot);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = value(i);
                }
            }
        }

        return states;
    }

    private static void Compare(PackedNetwork network, Func<int, float> input, Func<int, float> value)
    {
        int inputs = network.Spec.InputSize, outputs = network.Spec.OutputSize;
        float[] x = [.. Enumerable.Range(0, Streams * inputs).Select(input)];
        StreamState[] start = States(network, Streams, value);
        var layout = new SequenceLayout();
        layout.Set(1, Streams);
        float[] stepped = new float[Streams * outputs], many = new float[Streams * outputs], run = new float[Streams * outputs];
        StreamState[] states = Copies(start);
        for (int i = 0; i < Streams; i++)
        {
            states[i].Step(x.AsSpan(i * inputs, inputs), stepped.AsSpan(i * outputs, outputs));
        }

        network.StepMany(x, Copies(start), many, new float[network.StepManyWorkspaceLength(Streams)]);
        network.Run(layout, x, Copies(start), run, new float[network.RunWorkspaceLength(layout)]);
        Near.Same<float>("StepMany", stepped, many);
        Near.Same<float>("Run", stepped, run);
    }

    private static StreamState[] Copies(StreamState[] states)
    {
        StreamState[] copies = Array.ConvertAll(states, state => state.Network.CreateStream());
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i].CopyFrom(states[i]);
        }

        return copies;
    }
}
