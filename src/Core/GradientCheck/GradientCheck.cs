using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Compares an analytic gradient with finite differences.</summary>
/// <remarks>
/// Central differences, n = (f(x + h) − f(x − h)) / 2h for one element of the point at a time, take two evaluations each. Their error is
/// h²/6·|f‴| from the formula plus δ/h, since f is known to ±δ only, with δ = a few ε·|f|. The sum is least near h = ∛ε, the default
/// (Press et al., Numerical Recipes, 3rd edition 2007, section 5.7). In double the error is then about 10⁻¹⁰ for functions of size 1, well
/// under the default tolerance of 10⁻⁶. In float it is about 3·10⁻⁵·|f| for each ε in δ: a hundred roundings make 3·10⁻³, under the
/// default tolerance of 10⁻². Check a function with kinks away from them; the result of a failed check says if it seems to be on one.
/// </remarks>
public static class GradientCheck
{
    // A kink is looked for with a second step, smaller by this factor. Slopes that differ by rounding alone do not count: values are exact
    // to so many ε of themselves.
    private const double SmallerStep = 8;
    private const double Roundings = 32;

    /// <summary>
    /// Compares every element a of <paramref name="gradient"/> with its finite difference n. The element passes if
    /// |a − n| ≤ tolerance · max(scale, |a|, |n|).
    /// </summary>
    /// <param name="function">
    /// The function that is differentiated: from [n], valid during the call only, to its value, always the same for one point. It is called
    /// twice per element, and seven times more at the worst element if it fails.
    /// </param>
    /// <param name="point">[n] in, the argument of the function; copied, never written.</param>
    /// <param name="gradient">[n] in, the analytic gradient at the point.</param>
    /// <param name="step">Step relative to max(1, |x|); null for ∛ε, which is 6.1·10⁻⁶ in double and 4.9·10⁻³ in float.</param>
    /// <param name="tolerance">Largest error that passes; null for 10⁻⁶ in double and 10⁻² in float.</param>
    /// <param name="scale">
    /// Magnitude under which errors are absolute instead of relative. A smaller one finds faults in small gradients; with 0 all errors are
    /// relative. A function whose value is known to ±δ only, for example a difference of large sums, needs at least
    /// δ / (step · tolerance): about 10⁻⁴ of its value in double.
    /// </param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>The worst element. If an error is NaN, the check stops at that element, returns it and has failed.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or there are no elements: nothing would be compared.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The step is not above 0, the tolerance or the scale is negative, or one of them is not finite.
    /// </exception>
    /// <remarks>Allocates one copy of the point.</remarks>
    public static GradientCheckResult Run<T>(
        Func<ReadOnlySpan<T>, T> function,
        ReadOnlySpan<T> point,
        ReadOnlySpan<T> gradient,
        double? step = null,
        double? tolerance = null,
        double scale = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(function);
        Guard.Length(gradient, point.Length, "length of point");
        if (point.IsEmpty)
        {
            throw new ArgumentException("'point' has no elements, expected at least one: nothing would be compared.", nameof(point));
        }

        double epsilon = typeof(T) == typeof(float) ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52);
        double relativeStep = Guard.Positive(step ?? Math.Cbrt(epsilon), nameof(step));
        double largestError = Guard.NotNegative(tolerance ?? (typeof(T) == typeof(float) ? 1e-2 : 1e-6), nameof(tolerance));
        Guard.NotNegative(scale);
        var moved = new T[point.Length];
        point.CopyTo(moved);
        var worst = new GradientCheckResult(point.Length, -1, 0, 0, 0, largestError);
        for (int i = 0; i < moved.Length; i++)
        {
            double numeric = Slope(function, moved, i, relativeStep);
            double analytic = double.CreateTruncating(gradient[i]);
            double error = Error(analytic, numeric, scale);
            if (worst.Index < 0 || !(error <= worst.Error))
            {
                worst = worst with { Index = i, Analytic = analytic, Numeric = numeric, Error = error };
            }

            if (double.IsNaN(error))
            {
                break;
            }
        }

        return worst.Passed ? worst : worst with { NearKink = IsNearKink(function, moved, worst, relativeStep, scale, epsilon) };
    }

    // A kink at the point: the slopes of its sides differ as much with a smaller step; where a function only bends, they approach each
    // other with the step. A kink beside the point: the smaller step does not reach it, and its slope passes.
    private static bool IsNearKink<T>(
        Func<ReadOnlySpan<T>, T> function, T[] moved, in GradientCheckResult failed, double step, double scale, double epsilon)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double smaller = step / SmallerStep;
        double middle = double.CreateTruncating(function(moved));
        double wide = Jump(function, moved, failed.Index, middle, step);
        double narrow = Jump(function, moved, failed.Index, middle, smaller);
        double slope = Slope(function, moved, failed.Index, smaller);
        double noise = Roundings * epsilon * Math.Abs(middle) / smaller;
        return (narrow > wide / 2 && narrow > noise && narrow > failed.Tolerance * scale)
            || (Math.Abs(slope - failed.Numeric) > noise && Error(failed.Analytic, slope, scale) <= failed.Tolerance);
    }

    // |a − n|, relative to the larger of the two if that is above the scale. Two zeros agree, also where there is no scale.
    private static double Error(double analytic, double numeric, double scale)
    {
        double difference = Math.Abs(analytic - numeric);
        return difference == 0 ? 0 : difference / Math.Max(scale, Math.Max(Math.Abs(analytic), Math.Abs(numeric)));
    }

    private static double Slope<T>(Func<ReadOnlySpan<T>, T> function, T[] moved, int i, double step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T x = moved[i];
        T h = T.CreateTruncating(step) * T.Max(T.One, T.Abs(x));
        T above = x + h;
        T below = x - h;
        moved[i] = above;
        double difference = double.CreateTruncating(function(moved));
        moved[i] = below;
        difference -= double.CreateTruncating(function(moved));
        moved[i] = x;

        // The divisor is the distance between the two rounded points, not 2h.
        return difference / (double.CreateTruncating(above) - double.CreateTruncating(below));
    }

    // |slope to the right − slope to the left|.
    private static double Jump<T>(Func<ReadOnlySpan<T>, T> function, T[] moved, int i, double middle, double step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T x = moved[i];
        T h = T.CreateTruncating(step) * T.Max(T.One, T.Abs(x));
        moved[i] = x + h;
        double right = (double.CreateTruncating(function(moved)) - middle) / double.CreateTruncating(moved[i] - x);
        moved[i] = x - h;
        double left = (middle - double.CreateTruncating(function(moved))) / double.CreateTruncating(x - moved[i]);
        moved[i] = x;
        return Math.Abs(right - left);
    }
}
