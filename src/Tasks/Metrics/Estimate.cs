namespace SpanRnn.Tasks;

/// <summary>A figure with its 95 % interval.</summary>
/// <param name="Value">The figure; NaN if it is of nothing, such as the precision of a class that was never predicted.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public readonly record struct Estimate(double Value, double Low, double High)
{
    /// <summary>Writes 0.9167 (0.8333 to 0.9833), the same under every culture.</summary>
    public override string ToString() => FormattableString.Invariant($"{Value:G4} ({Low:G4} to {High:G4})");
}
