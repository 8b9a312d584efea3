namespace SpanRnn.Tests;

/// <summary>Small tasks that trained networks solve in a moment; the larger ones are in <see cref="LearningSlowTests"/>.</summary>
public class LearningTests
{
    public static TheoryData<CellKind> Cells => [CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore];

    [Theory]
    [MemberData(nameof(Cells))]
    public void At_least_three_G_is_classified_without_error(CellKind cell) => Assert.Equal(0, ThreeG.MistakesAfter(cell, 600, 2));

    [Fact]
    public void One_step_of_training_does_not_classify_it() => Assert.True(ThreeG.MistakesAfter(CellKind.Lstm, 1, 2) > 100);

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_adding_problem_over_20_steps_is_solved(CellKind cell)
    {
        double error = AddingProblem.ErrorAfter(cell, 24, 20, 5000, 600, 0.02, 1);
        Assert.True(error < 0.01, $"The mean squared error is {error}, expected below 0.01.");
    }

    /// <summary>Scale for the errors of the adding problem.</summary>
    [Fact]
    public void The_constant_answer_has_the_error_of_the_sums_variance()
    {
        NetworkSpec spec = AddingProblem.Network(CellKind.Lstm, 4);
        float[] parameters = new float[spec.Parameters.Length];
        spec.Slot(spec.Layers.Length - 1, Direction.Forward, ParameterRole.InputBias)!.In(parameters.AsSpan())[0] = 1;
        SequenceData<float> data = AddingProblem.Draw(spec, 100, 10000, new RandomSource(1));
        double error = Learner.Loss(spec, Loss.MeanSquaredError, data, parameters);
        Assert.True(Math.Abs(error - (1 / 6.0)) <= 0.006, $"The mean squared error is {error}, expected 1/6.");
    }

    [Theory]
    [InlineData("", "B")]
    [InlineData("B", "TP")]
    [InlineData("BT", "B")]
    [InlineData("BTB", "TP")]
    [InlineData("BTBT", "SX")]
    [InlineData("BTBTSS", "SX")]
    [InlineData("BTBTX", "XS")]
    [InlineData("BTBTXX", "TV")]
    [InlineData("BTBTXXTTV", "PV")]
    [InlineData("BTBTXXTTVP", "XS")]
    [InlineData("BTBTXS", "E")]
    [InlineData("BTBTXSE", "T")]
    [InlineData("BPBTXSE", "P")]
    [InlineData("BPBPVVE", "P")]
    [InlineData("BPBPVVEP", "E")]
    [InlineData("BPBPVVEPE", "")]
    public void The_grammar_says_what_may_follow(string beginning, string next) => Assert.Equal(next, ReberGrammar.Next(beginning));

    /// <summary>The criterion is checked: a network that knows nothing does not meet it.</summary>
    [Fact]
    public void Without_training_every_string_has_a_mistake()
    {
        NetworkSpec spec = ReberTask.Network(CellKind.Lstm);
        string[] texts = ReberTask.Unseen([], 50, new RandomSource(1));
        Assert.Equal(50, ReberTask.Mistakes(spec, Learner.Untrained(spec, 1), texts).Length);
    }
}
