using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Losses;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>Losses. Each also computes, in the same pass, the gradient of its first argument.</summary>
/// <remarks>
/// Losses are means as in PyTorch's <c>reduction='mean'</c>, with weights w weighted means, Σ w·L / Σ w. Where nothing counts, the loss and
/// its gradient are 0. All methods allocate nothing and may be called from a real-time thread. Before anything is written they throw
/// <see cref="ArgumentException"/> for a wrong length or for memory shared in part, and <see cref="ArgumentOutOfRangeException"/> for a
/// weight that is negative or not finite.
/// </remarks>
public static class Losses
{
    /// <summary>L = Σ (p − t)² / n; dL/dp = 2(p − t) / n</summary>
    /// <param name="prediction">[n] in, p.</param>
    /// <param name="target">[n] in, t.</param>
    /// <param name="gradient">[n] out, dL/dp; may be <paramref name="prediction"/> or <paramref name="target"/> itself.</param>
    /// <param name="weights">
    /// [rows] in for rows of n / rows numbers, each finite and 0 or more; empty for 1 each. A row of weight 0 does not count: it is not
    /// read, and its gradient is 0.
    /// </param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>L.</returns>
    public static T MeanSquaredError<T>(
        ReadOnlySpan<T> prediction, ReadOnlySpan<T> target, Span<T> gradient, ReadOnlySpan<T> weights = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(target, prediction.Length, "length of prediction");
        Guard.Length(gradient, prediction.Length, "length of prediction");
        Guard.SameOrNoOverlap(gradient, prediction);
        Guard.SameOrNoOverlap(gradient, target);
        return Mean<T, SquaredErrorKernel<T>>(prediction, target, gradient, weights);
    }

    /// <summary>
    /// L = Σ over rows of (log Σⱼ e^xⱼ − x_label) / rows; dL/dxⱼ = (softmax(x)ⱼ − [j = label]) / rows. The maximum of a row is subtracted
    /// before any exponential. The weight of a row is multiplied by that of its label's class.
    /// </summary>
    /// <param name="logits">[rows, classes] in, x.</param>
    /// <param name="classes">Numbers of a row, at least 1.</param>
    /// <param name="labels">[rows] in, each from 0 to <paramref name="classes"/> − 1, or negative for a row that does not count.</param>
    /// <param name="gradient">[rows, classes] out, dL/dx; may be <paramref name="logits"/> itself.</param>
    /// <param name="weights">
    /// [rows] in, each finite and 0 or more; empty for 1 each. A row of weight 0 does not count: it is not read, and its gradient is 0.
    /// </param>
    /// <param name="classWeights">[classes] in, each finite and 0 or more; empty for 1 each.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>L.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or a label is no class.</exception>
    public static T SoftmaxCrossEntropy<T>(
        ReadOnlySpan<T> logits,
        int classes,
        ReadOnlySpan<int> labels,
        Span<T> gradient,
        ReadOnlySpan<T> weights = default,
        ReadOnlySpan<T> classWeights = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Positive(classes);
        Guard.Length(logits, (long)labels.Length * classes, "labels × classes");
        Guard.Length(gradient, logits.Length, "length of logits");
        Guard.SameOrNoOverlap(gradient, logits);
        Guard.NoOverlap(gradient, weights);
        Guard.NoOverlap(gradient, classWeights);
        CheckWeights(weights, labels.Length, "number of labels");
        CheckWeights(classWeights, classes, "classes");
        double total = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            total += double.CreateTruncating(Weight(row, labels, classes, weights, classWeights));
        }

        T loss = T.Zero;
        for (int row = 0; row < labels.Length; row++)
        {
            ReadOnlySpan<T> x = logits.Slice(row * classes, classes);
            Span<T> dx = gradient.Slice(row * classes, classes);
            T weight = Weight(row, labels, classes, weights, classWeights);
            T share = Share(weight, total);
            if (share == T.Zero)
            {
                dx.Clear();
                continue;
            }

            T atLabel = x[labels[row]];
            T maximum = default, sum = default;
            Dispatch.Run<T, SoftmaxKernel<T>>(new SoftmaxKernel<T>(x, share, dx, ref maximum, ref sum));
            dx[labels[row]] -= share;

            // The order matters: in (maximum + log sum) − atLabel large logits would absorb the logarithm.
            loss += weight * (T.Log(sum) + (maximum - atLabel));
        }

        return loss == T.Zero ? T.Zero : loss * Share(T.One, total);
    }

    /// <summary>
    /// L = Σ (max(x, 0) − x·z + log(1 + e^−|x|)) / n, which is −Σ (z·log σ(x) + (1 − z)·log(1 − σ(x))) / n; dL/dx = (σ(x) − z) / n
    /// </summary>
    /// <param name="logits">[n] in, x.</param>
    /// <param name="targets">[n] in, z, from 0 to 1.</param>
    /// <param name="gradient">[n] out, dL/dx; may be <paramref name="logits"/> or <paramref name="targets"/> itself.</param>
    /// <param name="weights">
    /// [rows] in for rows of n / rows numbers, each finite and 0 or more; empty for 1 each. A row of weight 0 does not count: it is not
    /// read, and its gradient is 0.
    /// </param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>L.</returns>
    public static T BinaryCrossEntropyWithLogits<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient, ReadOnlySpan<T> weights = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(targets, logits.Length, "length of logits");
        Guard.Length(gradient, logits.Length, "length of logits");
        Guard.SameOrNoOverlap(gradient, logits);
        Guard.SameOrNoOverlap(gradient, targets);
        return Mean<T, BinaryCrossEntropyKernel<T>>(logits, targets, gradient, weights);
    }

    // The weighted mean of a loss of elements; without weights all elements are one row of weight 1.
    private static T Mean<T, TLoss>(ReadOnlySpan<T> x, ReadOnlySpan<T> targets, Span<T> gradient, ReadOnlySpan<T> weights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TLoss : struct, IElementLoss<T>, allows ref struct
    {
        int size = RowSize(x, gradient, weights);
        int rows = weights.IsEmpty ? 1 : weights.Length;
        double total = (weights.IsEmpty ? 1 : Total(weights)) * size;
        T loss = T.Zero;
        for (int row = 0; row < rows && size > 0; row++)
        {
            Range range = (row * size)..((row + 1) * size);
            T share = Share(weights.IsEmpty ? T.One : weights[row], total);
            if (share == T.Zero)
            {
                gradient[range].Clear();
            }
            else
            {
                loss += share * TLoss.Sum(x[range], targets[range], share, gradient[range]);
            }
        }

        return loss;
    }

    // The share of a row in the mean; 0 where it does not count.
    private static T Share<T>(T weight, double total)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        weight == T.Zero ? T.Zero : T.CreateTruncating(double.CreateTruncating(weight) / total);

    private static double Total<T>(ReadOnlySpan<T> weights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double total = 0;
        foreach (T weight in weights)
        {
            total += double.CreateTruncating(weight);
        }

        return total;
    }

    // The weight of a row with that of its class. The label of a row that does not count is not read further.
    private static T Weight<T>(
        int row, ReadOnlySpan<int> labels, int classes, ReadOnlySpan<T> weights, ReadOnlySpan<T> classWeights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int label = labels[row];
        T weight = weights.IsEmpty ? T.One : weights[row];
        if (label < 0 || weight == T.Zero)
        {
            return T.Zero;
        }

        if (label >= classes)
        {
            ThrowLabel(row, label, classes, nameof(labels));
        }

        return classWeights.IsEmpty ? weight : weight * classWeights[label];
    }

    // Numbers of a row that has a weight; without weights all are one row.
    private static int RowSize<T>(ReadOnlySpan<T> values, ReadOnlySpan<T> gradient, ReadOnlySpan<T> weights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (weights.IsEmpty)
        {
            return values.Length;
        }

        Guard.NoOverlap(gradient, weights);
        CheckWeights(weights, weights.Length, string.Empty);
        (int size, int rest) = int.DivRem(values.Length, weights.Length);
        return rest == 0
            ? size
            : throw new ArgumentException(
                $"'weights' has {weights.Length} elements, expected one for each row of {values.Length} numbers.", nameof(weights));
    }

    private static void CheckWeights<T>(
        ReadOnlySpan<T> weights, int expected, string formula, [CallerArgumentExpression(nameof(weights))] string name = "")
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (weights.IsEmpty)
        {
            return;
        }

        Guard.Length(weights, expected, formula, name);
        foreach (T weight in weights)
        {
            Guard.NotNegative(double.CreateTruncating(weight), name);
        }
    }

    [DoesNotReturn]
    private static void ThrowLabel(int row, int label, int classes, string name) =>
        throw new ArgumentOutOfRangeException(
            name, $"The label of row {row} is {label}, expected 0 to {classes - 1}, or below 0 for none.");
}
