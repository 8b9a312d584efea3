using System.Numerics;
using System.Numerics.Tensors;
using SpanRnn.Core;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>Activations of whole spans and their derivatives.</summary>
/// <remarks>
/// Error of tanh and sigmoid: at most 2 ulp in either precision (ElementaryTests). Error of softsign, softplus and the functions with α or
/// β: at most 8 ulp of the terms that they add (ActivationsTests). Error of the kinds from <see cref="ActivationKind.Clip"/> on: clip is
/// exact, the exponential within 2 ulp, all others within 8 ulp of the value down to the smallest numbers, but below zero
/// <see cref="ActivationKind.GeluTanh"/> within 8 + 8·|z|; derivatives within 4 ulp of 1, or of themselves if they are larger
/// (ActivationAccuracyTests). At ±∞ values and derivatives are their limits. An element has the same bits wherever it is in its span. NaN
/// stays NaN, but a hard step makes it 0. Empty spans are legal. All methods allocate nothing and may be called from a real-time thread.
/// Before anything is written they throw <see cref="ArgumentException"/> for a wrong length or for memory shared in part.
/// </remarks>
public static class Activations
{
    /// <summary>y ← f(a), element by element.</summary>
    /// <param name="f">The function; an <see cref="ActivationKind"/> has its default α and β.</param>
    /// <param name="a">[n] in, pre-activations.</param>
    /// <param name="y">[n] out; may be <paramref name="a"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">
    /// <paramref name="f"/> is none of the activations, or has parameters that are not finite or that it does not have.
    /// </exception>
    public static void Apply<T>(ActivationSpec f, ReadOnlySpan<T> a, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(y, a.Length, "length of a");
        Guard.SameOrNoOverlap(y, a);
        Check(f);
        switch (f.Kind)
        {
            case ActivationKind.Identity:
                a.CopyTo(y);
                break;
            case ActivationKind.Sigmoid:
                Apply<T, Sigmoid>(a, y);
                break;
            case ActivationKind.Tanh:
                Apply<T, Tanh>(a, y);
                break;
            case ActivationKind.Relu:
                Apply<T, Relu>(a, y);
                break;
            case ActivationKind.HardStep:
                Apply<T, HardStep>(a, y);
                break;
            default:
                Dispatch.Run<T, ChosenKernel<T>>(new ChosenKernel<T>(f, a, default, y));
                break;
        }
    }

    /// <summary>da ← dy·f′(a), element by element, f′ taken from y = f(a).</summary>
    /// <param name="kind">f: identity, sigmoid, tanh or ReLU, whose derivatives follow from any output.</param>
    /// <param name="y">[n] in, the output of <see cref="Apply{T}(ActivationSpec, ReadOnlySpan{T}, Span{T})"/>.</param>
    /// <param name="dy">[n] in, dL/dy.</param>
    /// <param name="da">[n] out, dL/da; may be <paramref name="y"/> or <paramref name="dy"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">
    /// <paramref name="kind"/> is the hard step, or a function whose derivative only <see cref="GradientAt"/> computes.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="kind"/> is none of the activations.</exception>
    public static void Gradient<T>(ActivationKind kind, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckGradient<T>(y, dy, da);
        switch (kind)
        {
            case ActivationKind.Identity:
                dy.CopyTo(da);
                break;
            case ActivationKind.Sigmoid:
                Gradient<T, Sigmoid>(y, dy, da);
                break;
            case ActivationKind.Tanh:
                Gradient<T, Tanh>(y, dy, da);
                break;
            case ActivationKind.Relu:
                Gradient<T, Relu>(y, dy, da);
                break;
            case ActivationKind.HardStep:
                throw new ArgumentException("'kind' is HardStep, expected an activation with a derivative.", nameof(kind));
            case > ActivationKind.HardStep when Enum.IsDefined(kind):
                throw new ArgumentException(
                    $"'kind' is {kind}, expected Identity, Sigmoid, Tanh or Relu; GradientAt has the derivatives of all others.",
                    nameof(kind));
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), $"'kind' is {(int)kind}, expected an activation.");
        }
    }

    /// <summary>da ← dy·f′(a), element by element, f′ taken from a, for any activation that has a derivative.</summary>
    /// <param name="f">The function; an <see cref="ActivationKind"/> has its default α and β.</param>
    /// <param name="a">[n] in, pre-activations.</param>
    /// <param name="dy">[n] in, dL/dy.</param>
    /// <param name="da">[n] out, dL/da; may be <paramref name="a"/> or <paramref name="dy"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">
    /// <paramref name="f"/> is the hard step or none of the activations, or has parameters that are not finite or that it does not have.
    /// </exception>
    public static void GradientAt<T>(ActivationSpec f, ReadOnlySpan<T> a, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(dy, a.Length, "length of a");
        Guard.Length(da, a.Length, "length of a");
        Guard.SameOrNoOverlap(da, a);
        Guard.SameOrNoOverlap(da, dy);
        Check(f);
        if (f.Kind == ActivationKind.HardStep)
        {
            throw new ArgumentException("'f' is HardStep, expected an activation with a derivative.", nameof(f));
        }

        Dispatch.Run<T, ChosenKernel<T>>(new ChosenKernel<T>(f, a, dy, da));
    }

    /// <summary>y ← e^(a − max a) / Σ e^(a − max a) over the whole span: the probabilities that a classifier's logits say.</summary>
    /// <param name="a">[n] in.</param>
    /// <param name="y">[n] out, at least 0 with sum 1; may be <paramref name="a"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <remarks>
    /// No finite input overflows. An element of −∞ beside a finite one is 0. A NaN or +∞ anywhere, or −∞ everywhere, makes every y NaN.
    /// </remarks>
    public static void Softmax<T>(ReadOnlySpan<T> a, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(y, a.Length, "length of a");
        Guard.SameOrNoOverlap(y, a);
        if (!a.IsEmpty)
        {
            T maximum = default, sum = default;
            Dispatch.Run<T, SoftmaxKernel<T>>(new SoftmaxKernel<T>(a, T.One, y, ref maximum, ref sum));
        }
    }

    /// <summary>Index of the largest element: the class that a classifier's logits or probabilities say.</summary>
    /// <param name="a">[n] in, n ≥ 1.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>The first index of the largest element, or of the first NaN.</returns>
    /// <exception cref="ArgumentException"><paramref name="a"/> is empty.</exception>
    public static int ArgMax<T>(ReadOnlySpan<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        int index = TensorPrimitives.IndexOfMax(a);
        return index >= 0 ? index : throw new ArgumentException("'a' has no elements, expected at least one.", nameof(a));
    }

    /// <summary>log Σ eᵃ over the whole span, as max a + log Σ e^(a − max a).</summary>
    /// <param name="a">[n] in.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>Logarithm of the sum; −∞, the logarithm of 0, for an empty span.</returns>
    /// <remarks>
    /// No finite input overflows. Each exponential is within 2 ulp. The result is NaN with a NaN anywhere, else +∞ with +∞ anywhere, and −∞
    /// with −∞ everywhere.
    /// </remarks>
    public static T LogSumExp<T>(ReadOnlySpan<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        if (a.IsEmpty)
        {
            return T.NegativeInfinity;
        }

        T maximum = default, sum = default;
        Dispatch.Run<T, SoftmaxKernel<T>>(new SoftmaxKernel<T>(a, T.One, default, ref maximum, ref sum));

        if (!T.IsInfinity(maximum))
        {
            return maximum + T.Log(sum);
        }

        // The difference of two infinities made the sum NaN, even if the caller's numbers have no NaN.
        foreach (T value in a)
        {
            if (T.IsNaN(value))
            {
                return value;
            }
        }

        return maximum;
    }

    /// <summary>da ← y·(dy − Σ y·dy), the derivative of <see cref="Softmax"/> from its output.</summary>
    /// <param name="y">[n] in, the output of <see cref="Softmax"/>.</param>
    /// <param name="dy">[n] in, dL/dy.</param>
    /// <param name="da">[n] out, dL/da; may be <paramref name="y"/> or <paramref name="dy"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void SoftmaxGradient<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckGradient<T>(y, dy, da);
        Dispatch.Run<T, SoftmaxGradientKernel<T>>(new SoftmaxGradientKernel<T>(y, dy, da));
    }

    /// <summary>y ← (a − max a) − log Σ e^(a − max a) over the whole span: the logarithm of <see cref="Softmax"/>.</summary>
    /// <param name="a">[n] in.</param>
    /// <param name="y">[n] out, at most 0; may be <paramref name="a"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <remarks>
    /// No finite input overflows. An element of −∞ beside a finite one stays −∞. A NaN or +∞ anywhere, or −∞ everywhere, makes every y NaN.
    /// </remarks>
    public static void LogSoftmax<T>(ReadOnlySpan<T> a, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length(y, a.Length, "length of a");
        Guard.SameOrNoOverlap(y, a);
        if (a.IsEmpty)
        {
            return;
        }

        T maximum = default, sum = default;
        Dispatch.Run<T, SoftmaxKernel<T>>(new SoftmaxKernel<T>(a, T.One, default, ref maximum, ref sum));
        T logarithm = T.Log(sum);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = a[i] - maximum - logarithm;
        }
    }

    /// <summary>da ← dy − e^y·Σ dy, the derivative of <see cref="LogSoftmax"/> from its output.</summary>
    /// <param name="y">[n] in, the output of <see cref="LogSoftmax"/>.</param>
    /// <param name="dy">[n] in, dL/dy.</param>
    /// <param name="da">[n] out, dL/da; may be <paramref name="y"/> or <paramref name="dy"/> itself.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void LogSoftmaxGradient<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckGradient<T>(y, dy, da);
        T sum = T.Zero;
        foreach (T value in dy)
        {
            sum += value;
        }

        Dispatch.Run<T, LogSoftmaxGradientKernel<T>>(new LogSoftmaxGradientKernel<T>(y, dy, sum, da));
    }

    private static void Apply<T, TActivation>(ReadOnlySpan<T> a, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TActivation : struct, IActivation =>
        Dispatch.Run<T, ElementwiseKernel<T, TActivation>>(new ElementwiseKernel<T, TActivation>(a, y));

    private static void Gradient<T, TActivation>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TActivation : struct, IActivation =>
        Dispatch.Run<T, ElementwiseGradientKernel<T, TActivation>>(new ElementwiseGradientKernel<T, TActivation>(y, dy, da));

    private static void Check(ActivationSpec f)
    {
        if (f.Problem() is { } problem)
        {
            throw new ArgumentException($"'f' {problem}.", nameof(f));
        }
    }

    private static void CheckGradient<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, ReadOnlySpan<T> da)
    {
        Guard.Precision<T>();
        Guard.Length(dy, y.Length, "length of y");
        Guard.Length(da, y.Length, "length of y");
        Guard.SameOrNoOverlap(da, y);
        Guard.SameOrNoOverlap(da, dy);
    }
}
