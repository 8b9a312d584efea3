namespace SpanRnn.Tasks;

/// <summary>Classifier that looks at no sequence: it always predicts the class that most rows of training have.</summary>
public sealed class MajorityBaseline
{
    private readonly float[] _shares;

    /// <summary>Counts classes.</summary>
    /// <param name="labels">[N] classes of the rows of training, 0 to K − 1.</param>
    /// <param name="classes">K, at least 1.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class, or K is below 1.</exception>
    public MajorityBaseline(ReadOnlySpan<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (labels.Length == 0)
        {
            throw new ArgumentException("'labels' is empty, expected at least one row.", nameof(labels));
        }

        int[] counts = new int[classes];
        foreach (int label in labels)
        {
            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(nameof(labels), $"'labels' has {label}, expected 0 to {classes - 1}.");
            }

            counts[label]++;
        }

        Class = Array.IndexOf(counts, counts.Max());
        int rows = labels.Length;
        _shares = [.. counts.Select(count => (float)count / rows)];
    }

    /// <summary>The class that most rows have, the first of several.</summary>
    public int Class { get; }

    /// <summary>[K] share of the rows that have each class: the probabilities that it predicts for every row.</summary>
    public IReadOnlyList<float> Shares => _shares;
}
