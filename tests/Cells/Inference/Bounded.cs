namespace SpanRnn.Tests;

/// <summary>
/// A number in double arithmetic, and a bound of its distance to a float engine's: its own rounding and the errors of its operands.
/// </summary>
internal readonly record struct Bounded(double Value, double Error)
{
    /// <summary>u, half the distance from 1 to the next float.</summary>
    public const double Rounding = 1.0 / (1 << 24);

    public static implicit operator Bounded(double value) => new(value, 0);

    public static Bounded operator +(Bounded a, Bounded b) => Rounded(a.Value + b.Value, a.Error + b.Error);

    public static Bounded operator -(Bounded a, Bounded b) => Rounded(a.Value - b.Value, a.Error + b.Error);

    public static Bounded operator *(Bounded a, Bounded b) => Rounded(
        a.Value * b.Value, (Math.Abs(a.Value) * b.Error) + (Math.Abs(b.Value) * a.Error) + (a.Error * b.Error));

    /// <summary>A function that never falls, computed to 12 roundings.</summary>
    public Bounded Rising(Func<double, double> function)
    {
        double value = function(Value);
        double error = Math.Max(function(Value + Error) - value, value - function(Value - Error));
        return new(value, error + (12 * Rounding * Math.Abs(value)));
    }

    // Twice a rounding, so that the order of the few operations of a cell does not matter; states below 1e-30 are stored as 0.
    private static Bounded Rounded(double value, double error) => new(value, error + (2 * Rounding * Math.Abs(value)) + 1e-30);
}
