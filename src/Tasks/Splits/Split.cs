namespace SpanRnn.Tasks;

/// <summary>
/// Rows for training, validation and test: each row is in one of the three, drawn from a seed, and every label has its share of each.
/// </summary>
public sealed class Split
{
    private Split(int[] part) => (Train, Validation, Test) = (RowsOf(part, 0), RowsOf(part, 1), RowsOf(part, 2));

    /// <summary>Rows to train with, in ascending order.</summary>
    public IReadOnlyList<int> Train { get; }

    /// <summary>Rows to stop training by, in ascending order; none in folds.</summary>
    public IReadOnlyList<int> Validation { get; }

    /// <summary>Rows that a figure is computed of, in ascending order.</summary>
    public IReadOnlyList<int> Test { get; }

    /// <summary>
    /// Splits rows by fractions. A part has less than one row more or less than its fraction of all, and less than two of each label.
    /// </summary>
    /// <param name="labels">Label of each row; null is a label too.</param>
    /// <param name="validation">Fraction of the rows for validation, 0 or more.</param>
    /// <param name="test">Fraction of the rows for the test, 0 or more; with <paramref name="validation"/> below 1.</param>
    /// <param name="seed">Any number; the same seed gives the same split.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A fraction is below 0, or nothing is left for training.</exception>
    public static Split Of(IReadOnlyList<string?> labels, double validation, double test, ulong seed)
    {
        CheckFraction(validation, nameof(validation));
        CheckFraction(test, nameof(test));
        CheckFraction(validation + test, nameof(test));

        // Each row of the shuffled labels goes to the part that is furthest behind its fraction of the rows so far.
        double[] fractions = [1 - validation - test, validation, test];
        int[] counts = new int[fractions.Length];
        int[] part = new int[labels.Count];
        int rows = 0;
        foreach (int row in Shuffled(labels, seed))
        {
            rows++;
            int behind = 0;
            for (int i = 1; i < fractions.Length; i++)
            {
                behind = (fractions[i] * rows) - counts[i] > (fractions[behind] * rows) - counts[behind] ? i : behind;
            }

            part[row] = behind;
            counts[behind]++;
        }

        return new Split(part);
    }

    /// <summary>
    /// Splits rows into folds for cross-validation: split k has fold k as its test and all others to train with. Sizes of folds differ by
    /// at most one row, and so do their numbers of each label.
    /// </summary>
    /// <param name="labels">Label of each row; null is a label too.</param>
    /// <param name="folds">From 2 to the number of rows, which leaves one row out in each split.</param>
    /// <param name="seed">Any number; the same seed gives the same folds.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="folds"/> is below 2 or above the number of rows.</exception>
    public static Split[] Folds(IReadOnlyList<string?> labels, int folds, ulong seed)
    {
        int[] order = Shuffled(labels, seed);
        if (folds < 2 || folds > labels.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(folds), $"'folds' is {folds}, expected 2 to {labels.Count}, the number of rows.");
        }

        var splits = new Split[folds];
        for (int k = 0; k < folds; k++)
        {
            int[] part = new int[order.Length];
            for (int i = k; i < order.Length; i += folds)
            {
                part[order[i]] = 2;
            }

            splits[k] = new Split(part);
        }

        return splits;
    }

    // All rows, label by label, those of each label in random order.
    private static int[] Shuffled(IReadOnlyList<string?> labels, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0)
        {
            throw new ArgumentException("'labels' is empty, expected at least one row.", nameof(labels));
        }

        int[] order = [.. Enumerable.Range(0, labels.Count)];
        var random = new RandomSource(seed);
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return [.. order.OrderBy(row => labels[row], StringComparer.Ordinal)]; // stable
    }

    private static int[] RowsOf(int[] part, int wanted) => [.. Enumerable.Range(0, part.Length).Where(row => part[row] == wanted)];

    private static void CheckFraction(double value, string name)
    {
        if (!(value >= 0 && value < 1))
        {
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"'{name}' is {value} or makes {value} with the other, expected 0 or more and below 1."));
        }
    }
}
