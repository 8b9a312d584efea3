namespace SpanRnn.Cli.GradCheck;

/// <summary>Result of the check of a tensor, or of some of its elements.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Worst">The largest error.</param>
/// <param name="Element">The element with the largest error; −1 if none was compared.</param>
/// <param name="Kinks">The number of elements on a kink, where there is no derivative to compare with.</param>
internal sealed record TensorFinding(CheckedTensor Tensor, GradientCheckResult Worst, int Element, int Kinks)
{
    /// <summary>Makes a result without any element.</summary>
    public static TensorFinding None(CheckedTensor tensor) => new(tensor, default, -1, 0);

    /// <summary>Returns true if every error is within the tolerance; NaN is not.</summary>
    public bool Passed(double tolerance) => Element < 0 || Worst.Error <= tolerance;

    /// <summary>Joins two results.</summary>
    public TensorFinding With(TensorFinding other)
    {
        // NaN is worse than any number.
        bool worse = other.Element >= 0 && (Element < 0 || (!double.IsNaN(Worst.Error) && !(other.Worst.Error <= Worst.Error)));
        return (worse ? other : this) with { Kinks = Kinks + other.Kinks };
    }
}
