namespace SpanRnn.Tests;

/// <summary>
/// Predicting strings of the embedded grammar symbol by symbol. The criterion is that of Hochreiter and Schmidhuber 1997 (section 5.1):
/// a string is predicted without error if at every position the outputs of the symbols that may follow, one or two, are the most active
/// ones. That includes the second-last symbol, which only the second one tells.
/// </summary>
internal static class ReberTask
{
    public static NetworkSpec Network(CellKind cell) =>
        new(ReberGrammar.Alphabet.Length, new RecurrentLayer(cell, 20), new DenseLayer(ReberGrammar.Alphabet.Length));

    /// <summary>Strings to learn from: each symbol in, the one that followed it as the label.</summary>
    public static SequenceData<float> Data(NetworkSpec spec, IEnumerable<string> texts)
    {
        var data = new SequenceData<float>(spec, Loss.SoftmaxCrossEntropy);
        foreach (string text in texts)
        {
            int[] symbols = ReberGrammar.Symbols(text);
            data.Add(symbols.AsSpan(0, symbols.Length - 1), symbols.AsSpan(1));
        }

        return data;
    }

    /// <summary>Strings in which anything is predicted wrong, each with the first wrong position.</summary>
    public static string[] Mistakes(NetworkSpec spec, float[] parameters, IEnumerable<string> texts) =>
        [.. texts.Select(text => Mistake(spec, parameters, text)).OfType<string>()];

    /// <summary>Strings that are not among those already seen, no two alike.</summary>
    public static string[] Unseen(HashSet<string> seen, int count, RandomSource random)
    {
        List<string> unseen = [];
        while (unseen.Count < count)
        {
            string text = ReberGrammar.Draw(random);
            if (seen.Add(text))
            {
                unseen.Add(text);
            }
        }

        return [.. unseen];
    }

    private static string? Mistake(NetworkSpec spec, float[] parameters, string text)
    {
        float[] y = Learner.Outputs(spec, parameters, ReberGrammar.Symbols(text[..^1]));
        for (int step = 0; step < text.Length - 1; step++)
        {
            string next = ReberGrammar.Next(text[..(step + 1)]);
            double least = double.PositiveInfinity;
            double most = double.NegativeInfinity;
            for (int symbol = 0; symbol < ReberGrammar.Alphabet.Length; symbol++)
            {
                double output = y[(step * ReberGrammar.Alphabet.Length) + symbol];
                bool allowed = next.Contains(ReberGrammar.Alphabet[symbol], StringComparison.Ordinal);
                least = allowed ? Math.Min(least, output) : least;
                most = allowed ? most : Math.Max(most, output);
            }

            if (!(least > most))
            {
                return $"{text} at {step + 1}, expected {next}";
            }
        }

        return null;
    }
}
