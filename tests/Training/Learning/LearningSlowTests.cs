namespace SpanRnn.Tests;

/// <summary>
/// Tasks that recurrent networks with gates were made for, learned from random starting values with several seeds. They take seconds to
/// half a minute each; tests/README.md says how to run them.
/// </summary>
[Trait("Category", "Slow")]
public class LearningSlowTests
{
    private static readonly ulong[] _seeds = [2, 3, 4];

    public static TheoryData<CellKind, ulong> Gated => Of([CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore]);

    public static TheoryData<CellKind, ulong> Plain => Of([CellKind.Elman]);

    /// <summary>2,000 batches of 32, 32 units, for every cell.</summary>
    [Theory]
    [MemberData(nameof(Gated))]
    public void The_adding_problem_over_100_steps_is_solved(CellKind cell, ulong seed)
    {
        double error = AddingProblem.ErrorAfter(cell, 32, 100, 10000, 2000, 0.01, seed);
        Assert.True(error < 0.01, $"The mean squared error is {error}, expected below 0.01.");
    }

    /// <summary>The gradient vanishes on its way back; the same budget leaves the error near that of the constant answer.</summary>
    [Theory]
    [MemberData(nameof(Plain))]
    public void A_plain_network_does_not_solve_it(CellKind cell, ulong seed)
    {
        double error = AddingProblem.ErrorAfter(cell, 32, 100, 10000, 2000, 0.01, seed);
        Assert.True(error > 0.1, $"The mean squared error is {error}, expected above 0.1.");
    }

    /// <summary>Learned from 10,000 strings, some 900 of them different. The 1,000 unseen ones are longer, to about 40 symbols.</summary>
    [Theory]
    [MemberData(nameof(Gated))]
    public void The_embedded_Reber_grammar_is_predicted_without_error(CellKind cell, ulong seed)
    {
        NetworkSpec spec = ReberTask.Network(cell);
        var random = new RandomSource(seed);
        string[] texts = [.. Enumerable.Range(0, 10000).Select(_ => ReberGrammar.Draw(random))];
        string[] unseen = ReberTask.Unseen([.. texts], 1000, random);
        float[] parameters = Learner.Train(spec, Loss.SoftmaxCrossEntropy, ReberTask.Data(spec, texts), 64, 1000, 0.02, seed);
        Assert.Empty(ReberTask.Mistakes(spec, parameters, unseen));
    }

    [Theory]
    [MemberData(nameof(Gated))]
    public void At_least_three_G_is_classified_without_error(CellKind cell, ulong seed) =>
        Assert.Equal(0, ThreeG.MistakesAfter(cell, 1000, seed));

    private static TheoryData<CellKind, ulong> Of(CellKind[] cells)
    {
        TheoryData<CellKind, ulong> cases = [];
        foreach (CellKind cell in cells)
        {
            foreach (ulong seed in _seeds)
            {
                cases.Add(cell, seed);
            }
        }

        return cases;
    }
}
