using System.Globalization;

namespace SpanRnn.Cli.Forget;

/// <summary>Gradients over time as a table and as sentences.</summary>
internal static class ForgetTable
{
    private static readonly int[] _distances = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>The two tables: what is shown, and where it is.</summary>
    public static readonly (string Title, Func<ForgetCurve, double[]> Norms)[] Both =
        [("before training", curve => curve.Before), ("trained", curve => curve.After)];

    /// <summary>Makes one table. A column named with a leading "#" holds numbers.</summary>
    public static (string[] Columns, IEnumerable<string[]> Rows) Of(
        IReadOnlyList<ForgetCurve> curves, string title, Func<ForgetCurve, double[]> norms)
    {
        int longest = curves[0].Before.Length;
        int[] distances = [.. _distances.Where(distance => distance < longest - 1), longest - 1];
        return (
            [$"#{title}", .. curves.Select(curve => $"#{curve.Name.Replace(", ", "\n", StringComparison.Ordinal)}")],
            distances.Select(distance => (string[])
            [
                $"{distance.ToString(CultureInfo.InvariantCulture)} back",
                .. curves.Select(curve => Norm(norms(curve)[distance])),
            ]));
    }

    public static string Norm(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    /// <summary>Says of one network how far its gradient reaches.</summary>
    public static string Sentence(ForgetCurve curve) =>
        $"{curve.Name}: {Sentence(curve.Before, "before training")}; {Sentence(curve.After, "after it")}.";

    // The factor of one step, of which the curve is made on the whole.
    private static string Sentence(double[] norms, string when)
    {
        double ratio = norms[^1] / norms[0];
        double factor = norms.Length > 1 ? Math.Pow(ratio, 1.0 / (norms.Length - 1)) : 1;
        string far = ratio < 1e-3 ? "vanishes" : ratio < 0.1 ? "fades" : ratio <= 10 ? "stays" : "grows";
        return $"{when} the gradient {far}: the first input has {Norm(ratio)} of that of the last one, a factor of "
            + $"{factor.ToString("0.000", CultureInfo.InvariantCulture)} a step";
    }
}
