namespace SpanRnn.Tasks.Metrics;

/// <summary>Student's t distribution (1908): how far a mean of few normal numbers lies from the truth.</summary>
internal static class StudentT
{
    /// <summary>Finds t so that |T| ≤ t has the probability <paramref name="probability"/>.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <param name="degrees">Degrees of freedom, at least 1: one less than there are numbers.</param>
    public static double Quantile(double probability, int degrees)
    {
        // θ = atan(t / √degrees) is within 0 to π/2, where the probability rises with it.
        double low = 0;
        double high = Math.PI / 2;
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Within(middle, degrees) < probability ? (middle, high) : (low, middle);
        }

        return Math.Tan((low + high) / 2) * Math.Sqrt(degrees);
    }

    // The finite series of Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
    private static double Within(double angle, int degrees)
    {
        double cosine = Math.Cos(angle);
        bool isOdd = degrees % 2 == 1;
        double term = isOdd ? cosine : 1;
        double sum = degrees == 1 ? 0 : term;
        for (int i = isOdd ? 3 : 2; i < degrees; i += 2)
        {
            term *= cosine * cosine * (i - 1) / i;
            sum += term;
        }

        return isOdd ? 2 / Math.PI * (angle + (Math.Sin(angle) * sum)) : Math.Sin(angle) * sum;
    }
}
