namespace SpanRnn.Tasks;

/// <summary>Answer of a <see cref="SequenceModel"/> about one sequence. It has its own memory and does not change.</summary>
public sealed class SequencePrediction
{
    private readonly float[] _probabilities;
    private readonly string _separator;

    internal SequencePrediction(IReadOnlyList<string> labels, float[] probabilities, double? value, string separator = "") =>
        (Labels, _probabilities, Value, _separator) = (labels, probabilities, value, separator);

    /// <summary>[K] texts of all labels; of none for a number.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Number of predicted labels: one for each symbol of a tagged sequence, none for a number, else one.</summary>
    public int Count => Labels.Count == 0 ? 0 : _probabilities.Length / Labels.Count;

    /// <summary>
    /// The likeliest label; of a tagged sequence those of all symbols, as the column of a table has them. Empty if there is none.
    /// </summary>
    public string Label => string.Join(_separator, Enumerable.Range(0, Count).Select(place => Top(1, place)[0].Label));

    /// <summary>
    /// Probability of the likeliest label; of a tagged sequence the smallest of those of its symbols, and 1 if there is none.
    /// </summary>
    public float Probability => Enumerable.Range(0, Count).Aggregate(1f, (least, place) => Math.Min(least, Top(1, place)[0].Probability));

    /// <summary>The predicted number; null unless the task is to predict one.</summary>
    public double? Value { get; }

    /// <summary>[K] probabilities of the labels.</summary>
    /// <param name="place">Index of the symbol of a tagged sequence, else 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public ReadOnlySpan<float> Probabilities(int place = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)Count, nameof(place));
        return _probabilities.AsSpan(place * Labels.Count, Labels.Count);
    }

    /// <summary>Lists the likeliest labels, the likeliest first, of equally likely ones the first in <see cref="Labels"/>.</summary>
    /// <param name="count">How many, at least 1; all if there are fewer.</param>
    /// <param name="place">Index of the symbol of a tagged sequence, else 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1, or there is no such place.</exception>
    public IReadOnlyList<(string Label, float Probability)> Top(int count, int place = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        float[] p = Probabilities(place).ToArray();
        return [.. Enumerable.Range(0, p.Length).OrderByDescending(k => p[k]).Take(count).Select(k => (Labels[k], p[k]))];
    }
}
