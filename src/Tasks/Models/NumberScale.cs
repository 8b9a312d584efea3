using System.Globalization;

namespace SpanRnn.Tasks.Models;

/// <summary>
/// Scale of numbers for a network: each feature x becomes (x − mean) / deviation, with the mean and the standard deviation of the training.
/// A step is written as its features with colons between them, "0.25:1", and steps are separated by white space.
/// </summary>
internal sealed record NumberScale(double[] Means, double[] Deviations)
{
    // Squares of numbers within these limits, and numbers that were scaled, are floats with room to spare.
    private const double Largest = 1e18;
    private const double Smallest = 1e-18;

    public int Features => Means.Length;

    /// <summary>Finds the scale of rows, each with the features of one step. A feature that never changes keeps its size.</summary>
    public static NumberScale Of(IReadOnlyList<double[]> rows)
    {
        int features = rows[0].Length;
        double[] means = new double[features];
        double[] deviations = new double[features];
        for (int i = 0; i < features; i++)
        {
            // A mean is rounded, so that numbers which are all the same may differ from it.
            double mean = rows.Average(row => row[i]);
            double deviation = Math.Sqrt(rows.Average(row => (row[i] - mean) * (row[i] - mean)));
            bool changes = rows.Any(row => row[i] != rows[0][i]) && deviation > Smallest;
            (means[i], deviations[i]) = (mean, changes ? deviation : 1);
        }

        return new NumberScale(means, deviations);
    }

    /// <summary>Reads the steps of a sequence, [T][features], or says in half a sentence what is wrong with one.</summary>
    /// <param name="text">The sequence.</param>
    /// <param name="features">Features that each step must have; 0 for those of the first step.</param>
    /// <param name="problem">Half a sentence if the result is null.</param>
    public static double[][]? Parse(string text, int features, out string problem)
    {
        List<double[]> steps = [];
        foreach (string step in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = step.Split(':');
            double[] numbers = new double[parts.Length];
            features = features == 0 ? parts.Length : features;
            for (int i = 0; i < parts.Length; i++)
            {
                if (parts.Length != features || Number(parts[i]) is not { } number)
                {
                    problem = $"step {steps.Count + 1} is {Files.Quoted.Text(step)}, expected {(features == 1
                        ? "a number"
                        : $"{features} numbers with colons between them")}";
                    return null;
                }

                numbers[i] = number;
            }

            steps.Add(numbers);
        }

        problem = string.Empty;
        return [.. steps];
    }

    /// <summary>Reads one number up to ±1e18, the same under every culture; null for any other text.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) <= Largest
            ? number
            : null;

    /// <summary>Scales steps: [T × features].</summary>
    public float[] Scaled(double[][] steps)
    {
        float[] numbers = new float[steps.Length * Features];
        for (int i = 0; i < numbers.Length; i++)
        {
            int feature = i % Features;
            numbers[i] = (float)((steps[i / Features][feature] - Means[feature]) / Deviations[feature]);
        }

        return numbers;
    }
}
