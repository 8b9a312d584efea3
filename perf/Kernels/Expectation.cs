namespace SpanRnn.Perf;

/// <summary>Expected results of a case, and the tolerance of each number.</summary>
internal sealed record Expectation(double[] Values, double[] Tolerances)
{
    /// <summary>Throws if a result differs: a fast wrong answer is not a result.</summary>
    /// <returns>Largest error, as a fraction of its tolerance.</returns>
    public double Check(string what, ReadOnlySpan<double> result)
    {
        if (result.Length != Values.Length)
        {
            throw new PerfException($"{what} gives {result.Length} numbers, expected {Values.Length}.", Application.Failure);
        }

        double largest = 0;
        for (int i = 0; i < result.Length; i++)
        {
            double error = Math.Abs(result[i] - Values[i]);
            if (!(error <= Tolerances[i]))
            {
                string sentence = FormattableString.Invariant(
                    $"{what} gives {result[i]:R} as number {i}, expected {Values[i]:R} within {Tolerances[i]:G3}.");
                throw new PerfException(sentence, Application.Failure);
            }

            if (error > 0)
            {
                largest = Math.Max(largest, error / Tolerances[i]);
            }
        }

        return largest;
    }
}
