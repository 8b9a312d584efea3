using System.Globalization;

namespace SpanRnn;

/// <summary>Result of a <see cref="GradientCheck"/>: the element with the largest error.</summary>
/// <param name="Count">Number of elements of the gradient; 0 if there was no check.</param>
/// <param name="Index">Index of the worst element, or of the first whose error is NaN.</param>
/// <param name="Analytic">a: derivative of the element as passed in.</param>
/// <param name="Numeric">n: derivative of the element by finite differences.</param>
/// <param name="Error">|a − n| / max(scale, |a|, |n|); the scale is 1 by default.</param>
/// <param name="Tolerance">The largest error that passes.</param>
public readonly record struct GradientCheckResult(
    int Count, int Index, double Analytic, double Numeric, double Error, double Tolerance)
{
    /// <summary>
    /// True if the element failed and the function seems to have a kink, or a bend as sharp, within a step of it: check it at another point
    /// or with a smaller step.
    /// </summary>
    public bool NearKink { get; init; }

    /// <summary>True if there are elements and each is within the tolerance; an error of NaN is not.</summary>
    public bool Passed => Count > 0 && Error <= Tolerance;

    /// <summary>Throws unless the check has passed.</summary>
    /// <exception cref="InvalidOperationException">It has failed; the message has <see cref="ToString"/>.</exception>
    public void ThrowIfFailed()
    {
        if (!Passed)
        {
            throw new InvalidOperationException($"The gradient is wrong or not exact: {this}.");
        }
    }

    /// <summary>One line with the worst element, both values, the error and the verdict.</summary>
    public override string ToString() => Count == 0
        ? "no elements: failed"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"worst of {Count}: element {Index}, analytic {Analytic:g9}, numeric {Numeric:g9}, error {Error:g3}, "
            + $"tolerance {Tolerance:g3}: {(Passed ? "passed" : "failed")}")
            + (NearKink ? ", near a kink (check at another point or with a smaller step)" : string.Empty);
}
