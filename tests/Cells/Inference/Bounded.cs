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

    /// <summary>
    /// A function computed to 12 roundings, after 4 of its argument. Where it turns, between the ends of the interval, it is less than the
    /// square of their distance from its value at an end: no function here bends more.
    /// </summary>
    public Bounded Through(Func<double, double> function)
    {
        double value = function(Value);
        double off = Error + (4 * Rounding * Math.Abs(Value));
        double error = Math.Max(Math.Abs(function(Value + off) - value), Math.Abs(value - function(Value - off)));
        return new(value, error + (off * off) + (12 * Rounding * Math.Abs(value)));
    }

    // Twice a rounding, so that the order of the few operations of a cell does not matter; states below 1e-30 are stored as 0.
    private static Bounded Rounded(double value, double error) => new(value, error + (2 * Rounding * Math.Abs(value)) + 1e-30);
}
