using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Optimizers;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>Limits on all gradients, between the backward pass and the optimizer.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Limits the Euclidean norm of all gradients together (Pascanu et al. 2013), as PyTorch's <c>clip_grad_norm_</c>:
    /// g ← g·min(1, maximum / (‖g‖ + 10⁻⁶)).
    /// </summary>
    /// <param name="gradients">[n] in and out. Not changed if the norm is NaN or infinite, so that the caller can skip the step.</param>
    /// <param name="maximumNorm">Above 0; with +∞ the norm is only measured.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>
    /// The norm before clipping. With finite gradients it is infinite only if the norm itself is beyond <typeparamref name="T"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumNorm"/> is not above 0.</exception>
    /// <remarks>Allocates nothing.</remarks>
    public static T ClipNorm<T>(Span<T> gradients, T maximumNorm)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Above(maximumNorm);
        T norm = Norm<T>(gradients);
        double factor = double.CreateTruncating(maximumNorm) / (double.CreateTruncating(norm) + 1e-6);
        if (T.IsFinite(norm) && factor < 1)
        {
            TensorPrimitives.Multiply(gradients, T.CreateTruncating(factor), gradients);
        }

        return norm;
    }

    /// <summary>
    /// Limits every gradient to −maximum … maximum, as PyTorch's <c>clip_grad_value_</c> does. Infinities are limited too; NaN stays NaN.
    /// </summary>
    /// <param name="gradients">[n] in and out.</param>
    /// <param name="maximum">Above 0; +∞ for no limit.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>Number of gradients that were changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximum"/> is not above 0.</exception>
    /// <remarks>Allocates nothing.</remarks>
    public static int ClipValue<T>(Span<T> gradients, T maximum)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Above(maximum);
        int changed = 0;
        Dispatch.Run<T, ClipValueKernel<T>>(new ClipValueKernel<T>(gradients, maximum, ref changed));
        return changed;
    }

    private static void Above<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!(value > T.Zero))
        {
            throw new ArgumentOutOfRangeException(
                name, string.Create(CultureInfo.InvariantCulture, $"'{name}' is {value}, expected a number above 0."));
        }
    }

    /// <summary>‖x‖, in double until the last rounding; overflows or vanishes only where the norm itself does.</summary>
    internal static T Norm<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double sum = 0;
        Dispatch.Run<T, SumOfSquaresKernel<T>>(new SumOfSquaresKernel<T>(x, ref sum));

        // If the sum is finite, no square overflowed. If it is above this limit, no square that counts vanished, in either precision.
        return sum is > 1e-20 and < double.PositiveInfinity ? T.CreateTruncating(Math.Sqrt(sum)) : ScaledNorm(x);
    }

    // ‖x‖ = u·√Σ (x/u)² with the largest magnitude as u. This case is rare, so the loop takes one number at a time.
    private static T ScaledNorm<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double unit = x.IsEmpty ? 0 : Math.Abs(double.CreateTruncating(TensorPrimitives.MaxMagnitude(x)));
        if (unit == 0 || !double.IsFinite(unit))
        {
            return T.CreateTruncating(unit);
        }

        double sum = 0;
        foreach (T value in x)
        {
            double ratio = double.CreateTruncating(value) / unit;
            sum += ratio * ratio;
        }

        return T.CreateTruncating(unit * Math.Sqrt(sum));
    }
}
