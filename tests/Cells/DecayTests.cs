using SpanRnn.Cells;

namespace SpanRnn.Tests;

/// <summary>States and gradients that decay become zero before they become denormal.</summary>
[Trait("Category", "Simd")]
public class DecayTests
{
    private const int HiddenSize = 21;

    // 2⁻⁹⁹ is the last power of one half that is not below 10⁻³⁰.
    private const int LastStep = 99;

    [Fact]
    public void A_state_that_decays_becomes_zero()
    {
        foreach (CellKind cell in Enum.GetValues<CellKind>())
        {
            Network<float> network = Halving(cell, out float[] parameters);
            float[] state = new float[network.StateLength(1)];
            state.AsSpan().Fill(cell == CellKind.Lstm ? 1e-3f : 1);
            float[] y = new float[HiddenSize];
            float[] workspace = new float[network.StepWorkspaceLength];
            for (int step = 1; step <= 4 * LastStep; step++)
            {
                network.Step(parameters, [0], state, y, workspace);
                Assert.DoesNotContain(state, value => value != 0 && !(Math.Abs(value) >= 1e-30f));
                if (step == LastStep / 2)
                {
                    Assert.DoesNotContain(0f, state);
                }
            }

            Assert.All(state, value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void A_gradient_that_vanishes_becomes_zero()
    {
        foreach (CellKind cell in Enum.GetValues<CellKind>())
        {
            Assert.All(GradientOfState(cell, 4 * LastStep), value => Assert.Equal(0, value));
            float[] shorter = GradientOfState(cell, LastStep / 2);
            Assert.Contains(shorter, value => value != 0);
            Assert.DoesNotContain(shorter, value => value != 0 && !(Math.Abs(value) >= 1e-31f));
        }
    }

    private static float[] GradientOfState(CellKind cell, int steps)
    {
        Network<float> network = Halving(cell, out float[] parameters);
        var layout = new SequenceLayout();
        layout.Set(steps, 1);
        float[] x = new float[network.InputLength(layout)];
        float[] y = new float[network.OutputLength(layout)];
        float[] tape = new float[network.TapeLength(layout)];
        float[] workspace = new float[network.WorkspaceLength(layout)];
        float[] state = new float[network.StateLength(1)];
        network.Forward(parameters, layout, x, state, y, tape, workspace);
        float[] dState = new float[state.Length];
        dState.AsSpan().Fill(1);
        float[] gradients = new float[parameters.Length];
        network.Backward(parameters, layout, tape, new float[y.Length], dState, new float[x.Length], gradients, workspace);
        return dState;
    }

    // Without weights, a gate of 1/2 keeps half of the state of an LSTM or GRU; an Elman cell needs the weight 1/2.
    private static Network<float> Halving(CellKind cell, out float[] parameters)
    {
        var spec = new NetworkSpec(1, new LayerSpec(cell, HiddenSize));
        parameters = new float[spec.Parameters.Length];
        if (cell == CellKind.Elman)
        {
            Span<float> recurrent = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters.AsSpan());
            for (int unit = 0; unit < HiddenSize; unit++)
            {
                recurrent[(unit * HiddenSize) + unit] = 0.5f;
            }
        }

        return new Network<float>(spec);
    }
}
