using System.Globalization;

namespace SpanRnn.Tasks;

/// <summary>
/// Figures of a classifier on rows that it was not trained with, each with its interval of <see cref="Bootstrap"/>. The predicted class is
/// the likeliest, the first of several.
/// </summary>
public sealed class ClassificationReport
{
    private const int Bins = 10;

    // Numbers that are compared for the interval of the AUC, above which it has none.
    private const long MostCompared = 300_000;

    private readonly Dictionary<(int Label, int Predicted), int> _confusion = [];
    private readonly Lazy<Estimate[]> _precision;
    private readonly Lazy<Estimate[]> _recall;
    private readonly Lazy<Estimate> _auc;
    private readonly Lazy<Estimate> _calibration;
    private readonly int[] _labels;
    private readonly int[] _predicted;
    private readonly float[] _probabilities;

    /// <summary>Computes all figures.</summary>
    /// <param name="labels">[N] classes of the rows, 0 to K − 1.</param>
    /// <param name="probabilities">[N, K] probability of each class for each row, copied.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="seed">Any number, for the intervals.</param>
    /// <param name="groups">
    /// [N] number of the sequence that each row is a symbol of, from 0 on without gaps: the intervals are of whole sequences then; empty if
    /// each row stands alone.
    /// </param>
    /// <exception cref="ArgumentException">There are no rows, or the lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A label is not a class, a probability is not from 0 to 1, a group is below 0, or K is below 2.
    /// </exception>
    public ClassificationReport(
        ReadOnlySpan<int> labels, ReadOnlySpan<float> probabilities, int classes, ulong seed, ReadOnlySpan<int> groups = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (labels.Length == 0 || probabilities.Length != (long)labels.Length * classes)
        {
            throw new ArgumentException(
                $"'probabilities' has {probabilities.Length} elements, "
                + $"expected {(long)labels.Length * classes} = labels × classes and above 0.",
                nameof(probabilities));
        }

        if (!groups.IsEmpty && groups.Length != labels.Length)
        {
            throw new ArgumentException(
                $"'groups' has {groups.Length} elements, expected {labels.Length} as 'labels', or none.", nameof(groups));
        }

        foreach (int label in labels)
        {
            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(nameof(labels), $"'labels' has {label}, expected 0 to {classes - 1}.");
            }
        }

        foreach (float probability in probabilities)
        {
            if (!(probability is >= 0 and <= 1))
            {
                string found = probability.ToString(CultureInfo.InvariantCulture);
                throw new ArgumentOutOfRangeException(nameof(probabilities), $"'probabilities' has {found}, expected 0 to 1.");
            }
        }

        (Classes, _labels, _probabilities) = (classes, labels.ToArray(), probabilities.ToArray());
        _predicted = [.. Enumerable.Range(0, _labels.Length).Select(Likeliest)];
        int rows = _labels.Length;
        int[] groupOf = groups.IsEmpty ? [.. Enumerable.Range(0, rows)] : groups.ToArray();
        for (int row = 0; row < rows; row++)
        {
            (int, int) pair = (_labels[row], _predicted[row]);
            _confusion[pair] = _confusion.GetValueOrDefault(pair) + 1;
        }

        Accuracy = Bootstrap.Of(groupOf, counts => Share(counts, row => _predicted[row] == _labels[row]), seed);
        _precision = new(() => PerClass(groupOf, _predicted, seed));
        _recall = new(() => PerClass(groupOf, _labels, seed));
        _calibration = new(() => Bootstrap.Of(groupOf, CalibrationErrorOf, seed));
        _auc = new(() => AucOf(groupOf, seed));
    }

    /// <summary>K, the number of classes.</summary>
    public int Classes { get; }

    /// <summary>[N] classes of the rows.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>[N] predicted classes.</summary>
    public IReadOnlyList<int> Predicted => _predicted;

    /// <summary>Share of rows whose predicted class is their label.</summary>
    public Estimate Accuracy { get; }

    /// <summary>[K] for each class, the share of rows of that label among those predicted as it; NaN if none is.</summary>
    public IReadOnlyList<Estimate> Precision => _precision.Value;

    /// <summary>[K] for each class, the share of rows predicted as it among those of that label; NaN if there are none.</summary>
    public IReadOnlyList<Estimate> Recall => _recall.Value;

    /// <summary>
    /// Area under the receiver operating characteristic: how often a row of class 1 has a higher probability of class 1 than a row of
    /// class 0; equal ones count as half. With more classes, the mean over classes of each against all others; classes with no rows, or
    /// with all, are left out. Of very many rows and classes, more than 300,000 together, it has no interval.
    /// </summary>
    public Estimate Auc => _auc.Value;

    /// <summary>
    /// Expected calibration error: rows are put into ten bins by the probability p of their predicted class, and the error is
    /// Σ |correct rows of the bin − Σ p of the bin| / N.
    /// </summary>
    public Estimate CalibrationError => _calibration.Value;

    /// <summary>[10] the bins of <see cref="CalibrationError"/>, from the least probability on.</summary>
    public IReadOnlyList<CalibrationBin> CalibrationBins
    {
        get
        {
            ILookup<int, int> bins = Enumerable.Range(0, _labels.Length).ToLookup(BinOf);
            return
            [
                .. Enumerable.Range(0, Bins).Select(bin => new CalibrationBin(
                    bins[bin].Count(),
                    bins[bin].Select(row => (double)Probability(row, _predicted[row])).DefaultIfEmpty(double.NaN).Average(),
                    bins[bin].Select(row => _predicted[row] == _labels[row] ? 1.0 : 0).DefaultIfEmpty(double.NaN).Average())),
            ];
        }
    }

    /// <summary>Counts rows of a label that were predicted as a class: an element of the confusion matrix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not from 0 to K − 1.</exception>
    public int Confusion(int label, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)Classes, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)Classes, nameof(predicted));
        return _confusion.GetValueOrDefault((label, predicted));
    }

    private static double Share(int[] counts, Func<int, bool> isIn)
    {
        long all = 0;
        long found = 0;
        for (int row = 0; row < counts.Length; row++)
        {
            all += counts[row];
            found += isIn(row) ? counts[row] : 0;
        }

        return (double)found / all;
    }

    // For each class, the share of right rows among those of the class, by labels or by predictions. Each data set is drawn once for all.
    private Estimate[] PerClass(int[] groupOf, int[] classOf, ulong seed)
    {
        var shares = new List<double[]>();
        Bootstrap.Of(
            groupOf,
            counts =>
            {
                double[] all = new double[Classes];
                double[] right = new double[Classes];
                for (int row = 0; row < counts.Length; row++)
                {
                    all[classOf[row]] += counts[row];
                    right[classOf[row]] += _predicted[row] == _labels[row] ? counts[row] : 0;
                }

                shares.Add([.. right.Zip(all, (own, of) => own / of)]);
                return 0;
            },
            seed);
        return [.. Enumerable.Range(0, Classes).Select(k => Bootstrap.Middle(shares[0][k], shares.Skip(1).Select(share => share[k])))];
    }

    private Estimate AucOf(int[] groupOf, ulong seed)
    {
        // Of two classes one says all. Classes that no row has, or all have, have no curve.
        int[] present = [.. Enumerable.Range(0, Classes).Skip(Classes == 2 ? 1 : 0).Where(k => _labels.Contains(k))];
        int[][] orders = [.. present.Select(k => (int[])[.. Enumerable.Range(0, _labels.Length).OrderBy(row => Probability(row, k))])];
        if ((long)_labels.Length * present.Length <= MostCompared)
        {
            return Bootstrap.Of(groupOf, counts => MeanAuc(counts, present, orders), seed);
        }

        int[] once = new int[_labels.Length];
        Array.Fill(once, 1);
        return new Estimate(MeanAuc(once, present, orders), double.NaN, double.NaN);
    }

    private double CalibrationErrorOf(int[] counts)
    {
        // Correct rows minus the sum of probabilities.
        double[] differences = new double[Bins];
        for (int row = 0; row < counts.Length; row++)
        {
            double p = Probability(row, _predicted[row]);
            differences[BinOf(row)] += counts[row] * ((_predicted[row] == _labels[row] ? 1 : 0) - p);
        }

        return differences.Sum(Math.Abs) / counts.Sum();
    }

    private double MeanAuc(int[] counts, int[] classes, int[][] orders)
    {
        double sum = 0;
        int found = 0;
        for (int i = 0; i < orders.Length; i++)
        {
            double auc = AucOf(counts, orders[i], classes[i]);
            if (!double.IsNaN(auc))
            {
                sum += auc;
                found++;
            }
        }

        return sum / found;
    }

    // Mann and Whitney 1947: pairs of a row of the class and another one, in ascending order of the probability, ties together.
    private double AucOf(int[] counts, int[] order, int k)
    {
        double pairs = 0;
        double below = 0;
        double of = 0;
        for (int i = 0; i < order.Length;)
        {
            float p = Probability(order[i], k);
            double tiedOf = 0;
            double tiedOthers = 0;
            for (; i < order.Length && Probability(order[i], k) == p; i++)
            {
                if (_labels[order[i]] == k)
                {
                    tiedOf += counts[order[i]];
                }
                else
                {
                    tiedOthers += counts[order[i]];
                }
            }

            pairs += tiedOf * (below + (tiedOthers / 2));
            below += tiedOthers;
            of += tiedOf;
        }

        return pairs / (of * below);
    }

    private int BinOf(int row) => Math.Min((int)((double)Probability(row, _predicted[row]) * Bins), Bins - 1);

    private float Probability(int row, int k) => _probabilities[((long)row * Classes) + k];

    private int Likeliest(int row)
    {
        ReadOnlySpan<float> p = _probabilities.AsSpan(row * Classes, Classes);
        int best = 0;
        for (int k = 1; k < p.Length; k++)
        {
            best = p[k] > p[best] ? k : best;
        }

        return best;
    }
}
