namespace SpanRnn.Core;

/// <summary>An activation with its parameters, where it has any.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Alpha">α of the functions that have one, else 0.</param>
/// <param name="Beta">β of the functions that have one, else 0.</param>
public readonly record struct ActivationSpec(Activation Kind, double Alpha, double Beta)
{
    /// <summary>
    /// The function with the parameters that ONNX Runtime gives it by default: affine α = 1, β = 0; leaky ReLU α = 0.01; thresholded
    /// ReLU α = 1; scaled tanh α = 1, β = 1; hard sigmoid α = 0.2, β = 0.5; ELU α = 1. The others have none.
    /// </summary>
    /// <param name="kind">The function.</param>
    public static implicit operator ActivationSpec(Activation kind) => kind switch
    {
        Activation.Affine or Activation.ThresholdedRelu or Activation.Elu => new(kind, 1, 0),
        Activation.LeakyRelu => new(kind, 0.01, 0),
        Activation.ScaledTanh => new(kind, 1, 1),
        Activation.HardSigmoid => new(kind, 0.2, 0.5),
        _ => new(kind, 0, 0),
    };

    /// <summary>Whether the function has an α.</summary>
    public bool HasAlpha => Kind is >= Activation.Affine and <= Activation.Elu;

    /// <summary>Whether the function has a β.</summary>
    public bool HasBeta => Kind is Activation.Affine or Activation.ScaledTanh or Activation.HardSigmoid;

    /// <summary>The name, and α and β where there are any.</summary>
    /// <returns>Such as "Elu(1)" or "HardSigmoid(0.2, 0.5)".</returns>
    public override string ToString() => (HasAlpha, HasBeta) switch
    {
        (true, true) => FormattableString.Invariant($"{Kind}({Alpha}, {Beta})"),
        (true, false) => FormattableString.Invariant($"{Kind}({Alpha})"),
        _ => Kind.ToString(),
    };

    /// <summary>What is wrong with it as half a sentence, "is …, expected …"; null if nothing is.</summary>
    internal string? Problem()
    {
        if (!Enum.IsDefined(Kind))
        {
            return $"is {(int)Kind}, expected one of Activation's";
        }

        if (!double.IsFinite(Alpha) || !double.IsFinite(Beta))
        {
            return FormattableString.Invariant($"is {Kind} with α = {Alpha} and β = {Beta}, expected finite numbers");
        }

        return (Alpha != 0 && !HasAlpha) || (Beta != 0 && !HasBeta)
            ? FormattableString.Invariant($"is {Kind} with α = {Alpha} and β = {Beta}, expected 0 for what it does not have")
            : null;
    }
}
