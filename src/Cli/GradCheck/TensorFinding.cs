using SpanRnn.Core;

namespace SpanRnn.Cli.GradCheck;

/// <summary>What the check of a tensor found.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Worst">Its largest error.</param>
/// <param name="Element">The element that has it, −1 where none was compared.</param>
/// <param name="Kinks">How many elements stand on a kink, where there is no derivative to compare with.</param>
internal sealed record TensorFinding(CheckedTensor Tensor, GradientCheckResult Worst, int Element, int Kinks)
{
    /// <summary>Nothing yet.</summary>
    public static TensorFinding None(CheckedTensor tensor) => new(tensor, default, -1, 0);

    /// <summary>Whether all that was compared is within the tolerance; NaN is not.</summary>
    public bool Passed(double tolerance) => Element < 0 || Worst.Error <= tolerance;

    /// <summary>Both together.</summary>
    public TensorFinding With(TensorFinding other)
    {
        // A NaN is worse than anything.
        bool worse = other.Element >= 0 && (Element < 0 || (!double.IsNaN(Worst.Error) && !(other.Worst.Error <= Worst.Error)));
        return (worse ? other : this) with { Kinks = Kinks + other.Kinks };
    }
}
