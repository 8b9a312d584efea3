namespace SpanRnn.Tests;

/// <summary>Trained initial states: the start of sequences in both engines, and the gradients.</summary>
[Trait("Category", "Simd")]
public class InitialStateTests
{
    private static readonly NetworkSpec _spec = new(
        2,
        [
            new RecurrentLayer(CellKind.Lstm, 3) { TrainableInitialState = true, ProjectionSize = 2, Bidirectional = true },
            new RecurrentLayer(CellKind.GruResetAfter, 5),
            new RecurrentLayer(CellKind.Elman, 4) { TrainableInitialState = true },
        ]);

    [Fact]
    public void Every_sequence_starts_from_the_parameters()
    {
        (Network<double> network, double[] parameters) = Make();
        double[] state = new double[network.StateLength(3)];
        Array.Fill(state, double.NaN);
        network.WriteInitialState(parameters, 3, state);
        foreach (StateSlot slot in _spec.States)
        {
            double[] expected = slot.Layer == 1 ? new double[slot.Size] : Role(slot).In(parameters.AsSpan()).ToArray();
            for (int b = 0; b < 3; b++)
            {
                Assert.Equal(expected, slot.In(state.AsSpan(), 3).Slice(b * slot.Size, slot.Size).ToArray());
            }
        }
    }

    [Fact]
    public void Gradients_are_summed_over_the_batch()
    {
        (Network<double> network, double[] gradients) = Make();
        double[] before = [.. gradients];
        double[] dState = [.. Enumerable.Range(0, network.StateLength(3)).Select(i => (double)i)];
        network.AddInitialStateGradients(3, dState, gradients);
        foreach (StateSlot slot in _spec.States.ToArray().Where(slot => slot.Layer != 1))
        {
            ParameterSlot start = Role(slot);
            for (int i = 0; i < slot.Size; i++)
            {
                ReadOnlySpan<double> rows = slot.In(dState.AsSpan(), 3);
                double sum = before[start.Offset + i] + rows[i] + rows[slot.Size + i] + rows[(2 * slot.Size) + i];
                Assert.Equal(sum, gradients[start.Offset + i], 1e-12);
                before[start.Offset + i] = gradients[start.Offset + i];
            }
        }

        Assert.Equal(before, gradients);
    }

    [Fact]
    public void A_stream_starts_there_and_is_reset_to_it()
    {
        (Network<double> network, double[] parameters) = Make();
        parameters[_spec.Slot(0, Direction.Forward, ParameterRole.InitialHidden)!.Offset] = 1e-35;
        double[] start = new double[network.StateLength(1)];
        network.WriteInitialState(parameters, 1, start);
        StreamState state = new PackedNetwork(_spec, Array.ConvertAll(parameters, value => (float)value)).CreateStream();
        float[] expected = Array.ConvertAll(start, value => Math.Abs(value) < 1e-30 ? 0 : (float)value);
        Assert.Equal(expected, PackedRun.Values(state));
        foreach (StateSlot slot in _spec.States)
        {
            state.Values(slot).Fill(float.NaN);
        }

        state.Reset();
        Assert.Equal(expected, PackedRun.Values(state));
    }

    [Fact]
    public void Nothing_allocates()
    {
        (Network<double> network, double[] parameters) = Make();
        double[] state = new double[network.StateLength(3)];
        double[] gradients = new double[parameters.Length];
        Allocation.AssertNone(() => network.WriteInitialState(parameters, 3, state));
        Allocation.AssertNone(() => network.AddInitialStateGradients(3, state, gradients));
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        (Network<double> network, double[] parameters) = Make();
        double[] state = new double[network.StateLength(3)];
        Assert.Throws<ArgumentException>("state", () => network.WriteInitialState(parameters, 2, state));
        Assert.Throws<ArgumentException>("parameters", () => network.WriteInitialState(parameters.AsSpan(1), 3, state));
        Assert.Throws<ArgumentException>("dState", () => network.AddInitialStateGradients(4, state, parameters));
        Assert.Throws<ArgumentException>("gradients", () => network.AddInitialStateGradients(3, state, parameters.AsSpan(1)));
    }

    private static ParameterSlot Role(StateSlot slot) => _spec.Slot(
        slot.Layer, slot.Direction, slot.Kind == StateKind.Hidden ? ParameterRole.InitialHidden : ParameterRole.InitialCell)!;

    private static (Network<double> Network, double[] Parameters) Make()
    {
        var random = new Random(1);
        return (new Network<double>(_spec), [.. Enumerable.Range(0, _spec.Parameters.Length).Select(_ => random.NextDouble() - 0.5)]);
    }
}
