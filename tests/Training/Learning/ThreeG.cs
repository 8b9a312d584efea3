using SpanRnn.Cli.Demo;

namespace SpanRnn.Tests;

/// <summary>The task of the demo: true if a string over A, C, G, T, up to 20 long, has at least three G.</summary>
internal static class ThreeG
{
    public static NetworkSpec Network(CellKind cell) => new(4, new RecurrentLayer(cell, 16), new FinalStateLayer(), new DenseLayer(1));

    /// <summary>Number of wrong answers on 1,000 strings that the training did not have.</summary>
    public static int MistakesAfter(CellKind cell, int trainingSteps, ulong seed)
    {
        NetworkSpec spec = Network(cell);
        var random = new RandomSource(seed);
        var data = new SequenceData<float>(spec, Loss.BinaryCrossEntropy);
        HashSet<string> seen = [];
        for (int i = 0; i < 4000; i++)
        {
            string text = DnaStrings.Draw(random, 1, 20);
            seen.Add(text);
            data.Add(Symbols(text), DnaStrings.HasThreeG(text) ? [1f] : [0f]);
        }

        float[] parameters = Learner.Train(spec, Loss.BinaryCrossEntropy, data, 32, trainingSteps, 0.02, seed);
        int mistakes = 0;
        for (int unseen = 0; unseen < 1000;)
        {
            string text = DnaStrings.Draw(random, 1, 20);
            if (seen.Add(text))
            {
                unseen++;
                float y = Learner.Outputs(spec, parameters, Symbols(text))[0];
                mistakes += (DnaStrings.HasThreeG(text) ? y > 0 : y < 0) ? 0 : 1;
            }
        }

        return mistakes;
    }

    private static int[] Symbols(string text) => [.. text.Select(letter => DnaStrings.Alphabet.IndexOf(letter))];
}
