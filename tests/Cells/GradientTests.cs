namespace SpanRnn.Tests;

/// <summary>Gradients of random networks against finite differences, the scalar oracle, and the other precision.</summary>
[Trait("Category", "Simd")]
public class GradientTests
{
    [Property(MaxTest = 200, Arbitrary = [typeof(Problems.Small)])]
    internal void Agree_with_finite_differences(Problem problem) => AgreesWithDifferences(problem);

    [Property(MaxTest = 400, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Agree_with_the_oracle(Problem problem) => AgreesWithOracle(problem);

    [Fact]
    public void Agree_with_the_oracle_beyond_one_block_of_a_product()
    {
        foreach (ProblemShape shape in Problems.Large)
        {
            AgreesWithOracle(new Problem(shape));
        }
    }

    /// <summary>The slope at exactly 0, where a formula with |a| would have a kink.</summary>
    [Fact]
    public void Agree_with_the_oracle_on_a_softplus_of_zero() => AgreesWithOracle(new Problem(new ProblemShape(
        1,
        [
            new RecurrentLayer(CellKind.Lstm, 1) { Bias = false },
            new FinalStateLayer(),
            new DenseLayer(1) { Activation = ActivationKind.Softplus, Bias = false },
        ],
        1,
        [0],
        false,
        ProblemLoss.Linear,
        1348726425)));

    [Property(MaxTest = 400, Arbitrary = [typeof(Problems.Shapes)])]
    internal void Outputs_agree_with_the_oracle_for_any_activation(ProblemShape shape) => OutputsAgree(new Problem(shape));

    [Property(MaxTest = 400, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Agree_between_float_and_double(Problem problem) => AgreesInFloat(problem);

    [Property(MaxTest = 150, Arbitrary = [typeof(Problems.SmallDropped)])]
    internal void Agree_with_finite_differences_under_dropout(Problem problem) => AgreesWithDifferences(problem);

    [Property(MaxTest = 300, Arbitrary = [typeof(Problems.SmoothDropped)])]
    internal void Agree_with_the_oracle_under_dropout(Problem problem) => AgreesWithOracle(problem);

    [Fact]
    public void Agree_with_the_oracle_under_dropout_beyond_one_block_of_a_product()
    {
        foreach (ProblemShape shape in Problems.Large)
        {
            AgreesWithOracle(new Problem(shape with { Between = 0.3, Recurrent = 0.4 }));
        }
    }

    [Property(MaxTest = 300, Arbitrary = [typeof(Problems.SmoothDropped)])]
    internal void Agree_between_float_and_double_under_dropout(Problem problem) => AgreesInFloat(problem);

    private static void AgreesWithDifferences(Problem problem)
    {
        NetworkRun<double> run = problem.Run<double>();
        run.Train(problem);
        if (run.Gradient().Length == 0)
        {
            // No steps, no parameters and no states.
            return;
        }

        GradientCheckResult result = problem.Check(run.Gradient());
        Assert.True(result.Passed, $"{problem.NameOf(result.Index)}: {result}");
    }

    private static void AgreesWithOracle(Problem problem)
    {
        NetworkRun<double> run = OutputsAgree(problem);
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        double[] expected = problem.Oracle().Gradient(run.DY, run.DState);
        run.Backward();
        Near.AssertOfLargest<double>("gradient", expected, run.Gradient(), 1e-12, problem.NameOf);
    }

    private static NetworkRun<double> OutputsAgree(Problem problem)
    {
        NetworkRun<double> run = problem.Run<double>();
        OracleNetwork oracle = problem.Oracle();
        run.Forward();
        Near.Assert<double>("y", oracle.Y, run.Y, 1e-12);
        Near.Assert<double>("final state", oracle.FinalState, run.State, 1e-12);
        return run;
    }

    private static void AgreesInFloat(Problem problem)
    {
        NetworkRun<double> wide = problem.Run<double>();
        NetworkRun<float> narrow = problem.Run<float>();
        wide.Train(problem);
        narrow.Train(problem);
        foreach (ParameterSlot slot in problem.Spec.Parameters.Slots)
        {
            InFloat("gradient of " + slot.Name, slot.In<double>(wide.Gradients), slot.In<float>(narrow.Gradients));
        }

        InFloat("dx", wide.DX, narrow.DX);
        InFloat("dState", wide.DState, narrow.DState);
    }

    /// <summary>
    /// Agrees to 1e-4 of the tensor's largest element, or of 1e-2 if all elements are smaller: a normalization of equal numbers is their
    /// rounding.
    /// </summary>
    private static void InFloat(string what, ReadOnlySpan<double> expected, ReadOnlySpan<float> actual)
    {
        double largest = 1e-2;
        foreach (double e in expected)
        {
            largest = Math.Max(largest, Math.Abs(e));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(actual[i] - expected[i]) <= 1e-4 * largest,
                $"{what}[{i}] is {actual[i]}, in double {expected[i]}, largest {largest}.");
        }
    }
}
