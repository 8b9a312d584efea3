using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Losses;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>Losses. Each also computes, in the same pass, the gradient of its first argument.</summary>
/// <remarks>
/// Losses are means as in PyTorch's <c>reduction='mean'</c>; an empty input has loss 0. All methods allocate nothing and may be called from
/// a real-time thread. Before anything is written they throw <see cref="ArgumentException"/> for a wrong length or for memory shared in
/// part.
/// </remarks>
public static class Losses
{
    /// <summary>L = Σ (p − t)² / n; dL/dp = 2(p − t) / n</summary>
    /// <param name="prediction">[n] in, p.</param>
    /// <param name="target">[n] in, t.</param>
    /// <param name="gradient">[n] out, dL/dp; may be <paramref name="prediction"/> or <paramref name="target"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>L.</returns>
    public static T MeanSquaredError<T>(ReadOnlySpan<T> prediction, ReadOnlySpan<T> target, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(target, prediction.Length, "length of prediction");
        Guard.Length(gradient, prediction.Length, "length of prediction");
        Guard.SameOrNoOverlap(gradient, prediction);
        Guard.SameOrNoOverlap(gradient, target);
        if (prediction.IsEmpty)
        {
            return T.Zero;
        }

        T sum = default;
        T count = T.CreateTruncating(prediction.Length);
        Dispatch.Run<T, SquaredErrorKernel<T>>(
            new SquaredErrorKernel<T>(prediction, target, T.CreateTruncating(2) / count, gradient, ref sum));
        return sum / count;
    }

    /// <summary>
    /// L = Σ over rows of (log Σⱼ e^xⱼ − x_label) / rows; dL/dxⱼ = (softmax(x)ⱼ − [j = label]) / rows. The maximum of a row is subtracted
    /// before any exponential.
    /// </summary>
    /// <param name="logits">[rows, classes] in, x.</param>
    /// <param name="classes">Numbers of a row, at least 1.</param>
    /// <param name="labels">[rows] in, each from 0 to <paramref name="classes"/> − 1.</param>
    /// <param name="gradient">[rows, classes] out, dL/dx; may be <paramref name="logits"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>L.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or a label is no class.</exception>
    public static T SoftmaxCrossEntropy<T>(ReadOnlySpan<T> logits, int classes, ReadOnlySpan<int> labels, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Positive(classes);
        Guard.Length(logits, (long)labels.Length * classes, "labels × classes");
        Guard.Length(gradient, logits.Length, "length of logits");
        Guard.SameOrNoOverlap(gradient, logits);
        for (int row = 0; row < labels.Length; row++)
        {
            if ((uint)labels[row] >= (uint)classes)
            {
                ThrowLabel(row, labels[row], classes, nameof(labels));
            }
        }

        if (labels.IsEmpty)
        {
            return T.Zero;
        }

        T scale = T.One / T.CreateTruncating(labels.Length);
        T total = T.Zero;
        for (int row = 0; row < labels.Length; row++)
        {
            ReadOnlySpan<T> x = logits.Slice(row * classes, classes);
            Span<T> dx = gradient.Slice(row * classes, classes);
            T atLabel = x[labels[row]];
            T maximum = default, sum = default;
            Dispatch.Run<T, SoftmaxKernel<T>>(new SoftmaxKernel<T>(x, scale, dx, ref maximum, ref sum));
            dx[labels[row]] -= scale;

            // The order matters: in (maximum + log sum) − atLabel large logits would absorb the logarithm.
            total += T.Log(sum) + (maximum - atLabel);
        }

        return total * scale;
    }

    /// <summary>
    /// L = Σ (max(x, 0) − x·z + log(1 + e^−|x|)) / n, which is −Σ (z·log σ(x) + (1 − z)·log(1 − σ(x))) / n; dL/dx = (σ(x) − z) / n
    /// </summary>
    /// <param name="logits">[n] in, x.</param>
    /// <param name="targets">[n] in, z, from 0 to 1.</param>
    /// <param name="gradient">[n] out, dL/dx; may be <paramref name="logits"/> or <paramref name="targets"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>L.</returns>
    public static T BinaryCrossEntropyWithLogits<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(targets, logits.Length, "length of logits");
        Guard.Length(gradient, logits.Length, "length of logits");
        Guard.SameOrNoOverlap(gradient, logits);
        Guard.SameOrNoOverlap(gradient, targets);
        if (logits.IsEmpty)
        {
            return T.Zero;
        }

        T sum = default;
        T scale = T.One / T.CreateTruncating(logits.Length);
        Dispatch.Run<T, BinaryCrossEntropyKernel<T>>(new BinaryCrossEntropyKernel<T>(logits, targets, scale, gradient, ref sum));
        return sum * scale;
    }

    [DoesNotReturn]
    private static void ThrowLabel(int row, int label, int classes, string name) =>
        throw new ArgumentOutOfRangeException(name, $"The label of row {row} is {label}, expected 0 to {classes - 1}.");
}
