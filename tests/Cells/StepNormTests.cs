using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>‖∂L/∂h‖ of every layer and step.</summary>
[Trait("Category", "Simd")]
public class StepNormTests
{
    [Property(MaxTest = 200, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Agree_with_the_oracle(Problem problem) => AgreesWithOracle(problem);

    [Property(MaxTest = 100, Arbitrary = [typeof(Problems.SmoothDropped)])]
    internal void Agree_with_the_oracle_under_dropout(Problem problem) => AgreesWithOracle(problem);

    [Property(MaxTest = 100, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Nobody_who_does_not_ask_sees_a_difference(Problem problem)
    {
        NetworkRun<double> with = problem.Run<double>();
        with.StepNorms = Undefined(problem);
        NetworkRun<double> without = problem.Run<double>();
        with.Train(problem);
        without.Train(problem);
        Near.Bits<double>("gradient", without.Gradient(), with.Gradient());
    }

    /// <summary>A tanh network with small recurrent weights: each step back takes 10⁻³ of what is left, far below the square root of the
    /// smallest number.</summary>
    [Fact]
    public void Vanishing_gradients_do_not_vanish_early()
    {
        Decays<float>(1e-3, 1e-24);
        Decays<double>(1e-30, 1e-280);
    }

    [Fact]
    public void Exploding_gradients_are_finite_as_long_as_their_norm_is()
    {
        Decays<float>(1e3, 1e33);
        Decays<double>(1e30, 1e300);
    }

    [Fact]
    public void A_wrong_length_is_refused()
    {
        NetworkRun<double> run = new Problem(Problems.Large[1]).Run<double>();
        run.Forward();
        foreach (int length in new[] { 1, 19, 21, 40 })
        {
            run.StepNorms = new double[length];
            Array.Fill(run.DX, 0.25);
            ArgumentException e = Assert.Throws<ArgumentException>(run.Backward);
            Assert.Equal("buffers.StepNorms", e.ParamName);
            Assert.All(run.DX, d => Assert.Equal(0.25, d));
        }
    }

    [Fact]
    public void Memory_that_is_shared_is_refused()
    {
        NetworkRun<double> run = new Problem(Problems.Large[1]).Run<double>();
        run.Forward();
        int norms = run.Network.Spec.Layers.Length * run.Layout.Steps;
        foreach (double[] shared in (double[][])[run.Tape, run.Workspace, run.Gradients, run.X])
        {
            var buffers = new BackwardBuffers<double>
            {
                Dy = run.DY,
                DState = run.DState,
                Gradients = run.Gradients,
                StepNorms = shared.AsSpan(0, norms),
            };
            string? parameter = null;
            try
            {
                run.Network.Backward(run.Parameters, run.Layout, run.Tape, buffers, run.Workspace);
            }
            catch (ArgumentException e)
            {
                parameter = e.ParamName;
            }

            Assert.Equal(shared == run.X ? null : "stepNorms", parameter);
        }
    }

    // h = U·h′ with U = [[0, s], [s, 0]]: every step back multiplies dh by s and moves it to the other unit.
    private static void Decays<T>(double factor, double last)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int steps = 1 + (int)Math.Round(Math.Log(last) / Math.Log(factor));
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 2) { Activation = ActivationKind.Identity, Bias = false });
        var run = new NetworkRun<T>(spec, steps, [steps, steps]) { StepNorms = new double[steps] };
        Span<T> weights = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(run.Parameters.AsSpan());
        weights[1] = T.CreateTruncating(factor);
        weights[2] = T.CreateTruncating(factor);
        run.Forward();
        Array.Clear(run.DY);
        run.DState.AsSpan().Fill(T.One);
        run.Backward();
        for (int step = 0; step < steps; step++)
        {
            double expected = 2 * Math.Pow(factor, steps - 1 - step);
            double ratio = run.StepNorms[step] / expected;
            Assert.True(Math.Abs(ratio - 1) <= 1e-4, $"step {step} of {steps}: {run.StepNorms[step]:g9}, expected {expected:g9}.");
        }
    }

    private static void AgreesWithOracle(Problem problem)
    {
        NetworkRun<double> run = problem.Run<double>();
        run.StepNorms = Undefined(problem);
        run.Train(problem);
        NetworkRun<double> forward = problem.Run<double>();
        forward.Forward();
        problem.Loss<double>(forward.Y, forward.State, forward.DY, forward.DState);
        Near.Assert<double>("norm", problem.Oracle().StepNorms(forward.DY, forward.DState), run.StepNorms, 1e-12);

        NetworkRun<float> narrow = problem.Run<float>();
        narrow.StepNorms = Undefined(problem);
        narrow.Train(problem);
        Near.Assert<double>("norm in float", run.StepNorms, narrow.StepNorms, 1e-4);
    }

    private static double[] Undefined(Problem problem)
    {
        double[] norms = new double[problem.Spec.Layers.Length * problem.Shape.Steps];
        Array.Fill(norms, double.NaN);
        return norms;
    }
}
