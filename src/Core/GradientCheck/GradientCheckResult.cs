using System.Globalization;

namespace SpanRnn;

/// <summary>Result of a <see cref="GradientCheck"/>: the element with the largest error.</summary>
/// <param name="Count">Number of elements of the gradient.</param>
/// <param name="Index">Index of the worst element, or of the first whose error is NaN; −1 if there are no elements.</param>
/// <param name="Analytic">a: derivative of the element as passed in.</param>
/// <param name="Numeric">n: derivative of the element by finite differences.</param>
/// <param name="Error">|a − n| / max(scale, |a|, |n|); the scale is 1 by default.</param>
/// <param name="Tolerance">The largest error that passes.</param>
public readonly record struct GradientCheckResult(
    int Count, int Index, double Analytic, double Numeric, double Error, double Tolerance)
{
    /// <summary>True if every element is within the tolerance; an error of NaN is not.</summary>
    public bool Passed => Error <= Tolerance;

    /// <summary>One line with the worst element, both values, the error and the verdict.</summary>
    public override string ToString() => Count == 0
        ? "no elements: passed"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"worst of {Count}: element {Index}, analytic {Analytic:g9}, numeric {Numeric:g9}, error {Error:g3}, "
            + $"tolerance {Tolerance:g3}: {(Passed ? "passed" : "failed")}");
}
