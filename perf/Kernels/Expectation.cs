namespace SpanRnn.Perf;

/// <summary>What a case must compute, and how far each number may be from it.</summary>
internal sealed record Expectation(double[] Values, double[] Tolerances)
{
    /// <summary>Throws if a result differs: a fast wrong answer is not a result.</summary>
    public void Check(string what, ReadOnlySpan<double> result)
    {
        if (result.Length != Values.Length)
        {
            throw new PerfException($"{what} gives {result.Length} numbers, expected {Values.Length}.", Application.Failure);
        }

        for (int i = 0; i < result.Length; i++)
        {
            if (!(Math.Abs(result[i] - Values[i]) <= Tolerances[i]))
            {
                string sentence = FormattableString.Invariant(
                    $"{what} gives {result[i]:R} as number {i}, expected {Values[i]:R} within {Tolerances[i]:G3}.");
                throw new PerfException(sentence, Application.Failure);
            }
        }
    }
}
