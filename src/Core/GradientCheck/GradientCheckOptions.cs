using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Step and tolerance of a <see cref="GradientCheck"/>; null is the default of the precision.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>Step relative to max(1, |x|). Default: ∛ε, 6.1·10⁻⁶ in double and 4.9·10⁻³ in float.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite or not above 0.</exception>
    public double? Step
    {
        get;
        init
        {
            Guard.Positive(value ?? 1, nameof(Step));
            field = value;
        }
    }

    /// <summary>Largest error that passes. Default: 10⁻⁶ in double, 10⁻² in float.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not finite.</exception>
    public double? Tolerance
    {
        get;
        init
        {
            Guard.NotNegative(value ?? 0, nameof(Tolerance));
            field = value;
        }
    }

    /// <summary>
    /// Magnitude under which errors are absolute instead of relative. Default: 1. A smaller one finds faults in small gradients; with 0 all
    /// errors are relative. A function whose value is known to ±δ only, for example a difference of large sums, needs at least
    /// δ / (step · tolerance): about 10⁻⁴ of its value in double.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or not finite.</exception>
    public double Scale
    {
        get;
        init => field = Guard.NotNegative(value, nameof(Scale));
    } = 1;
}
