using System.Globalization;

namespace SpanRnn;

/// <summary>What a <see cref="GradientCheck"/> found: the element with the largest error.</summary>
/// <param name="Count">How many elements the gradient has.</param>
/// <param name="Index">The worst element, or the first whose error is NaN; −1 where there are none.</param>
/// <param name="Analytic">Its derivative as given.</param>
/// <param name="Numeric">Its derivative by finite differences.</param>
/// <param name="Error">|a − n| / max(scale, |a|, |n|), the scale being 1 by default.</param>
/// <param name="Tolerance">The largest error that passes.</param>
public readonly record struct GradientCheckResult(
    int Count, int Index, double Analytic, double Numeric, double Error, double Tolerance)
{
    /// <summary>Whether every element is within the tolerance; NaN is not.</summary>
    public bool Passed => Error <= Tolerance;

    /// <summary>One sentence: the worst element, both values, the error, the verdict.</summary>
    public override string ToString() => Count == 0
        ? "no elements: passed"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"worst of {Count}: element {Index}, analytic {Analytic:g9}, numeric {Numeric:g9}, error {Error:g3}, "
            + $"tolerance {Tolerance:g3}: {(Passed ? "passed" : "failed")}");
}
