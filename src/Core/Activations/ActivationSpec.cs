namespace SpanRnn;

/// <summary>Activation with its parameters, if it has any.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Alpha">α of the functions that have one, else 0.</param>
/// <param name="Beta">β of the functions that have one, else 0.</param>
public readonly record struct ActivationSpec(ActivationKind Kind, double Alpha, double Beta)
{
    /// <summary>
    /// Converts a function to itself with the default parameters of ONNX Runtime: affine α = 1, β = 0; leaky ReLU α = 0.01; thresholded
    /// ReLU α = 1; scaled tanh α = 1, β = 1; hard sigmoid α = 0.2, β = 0.5; ELU and CELU α = 1. Clip has α = −1, β = 1, as PyTorch's
    /// Hardtanh. The others have none.
    /// </summary>
    /// <param name="kind">The function.</param>
    public static implicit operator ActivationSpec(ActivationKind kind) => kind switch
    {
        ActivationKind.Affine or ActivationKind.ThresholdedRelu or ActivationKind.Elu or ActivationKind.Celu => new(kind, 1, 0),
        ActivationKind.LeakyRelu => new(kind, 0.01, 0),
        ActivationKind.ScaledTanh => new(kind, 1, 1),
        ActivationKind.HardSigmoid => new(kind, 0.2, 0.5),
        ActivationKind.Clip => new(kind, -1, 1),
        _ => new(kind, 0, 0),
    };

    /// <summary>True if the function has an α.</summary>
    public bool HasAlpha => HasBeta
        || Kind is ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu or ActivationKind.Elu or ActivationKind.Celu;

    /// <summary>True if the function has a β.</summary>
    public bool HasBeta =>
        Kind is ActivationKind.Affine or ActivationKind.ScaledTanh or ActivationKind.HardSigmoid or ActivationKind.Clip;

    /// <summary>Name of the function, with α and β if it has them.</summary>
    /// <returns>For example "Elu(1)" or "HardSigmoid(0.2, 0.5)".</returns>
    public override string ToString() => (HasAlpha, HasBeta) switch
    {
        (true, true) => FormattableString.Invariant($"{Kind}({Alpha}, {Beta})"),
        (true, false) => FormattableString.Invariant($"{Kind}({Alpha})"),
        _ => Kind.ToString(),
    };

    /// <summary>Description of an error as half a sentence, "is …, expected …"; null if there is none.</summary>
    internal string? Problem()
    {
        if (!Enum.IsDefined(Kind))
        {
            return $"is {(int)Kind}, expected a member of ActivationKind";
        }

        if (!double.IsFinite(Alpha) || !double.IsFinite(Beta))
        {
            return FormattableString.Invariant($"is {Kind} with α = {Alpha} and β = {Beta}, expected finite numbers");
        }

        if ((Alpha != 0 && !HasAlpha) || (Beta != 0 && !HasBeta))
        {
            return FormattableString.Invariant(
                $"is {Kind} with α = {Alpha} and β = {Beta}, expected 0 for a parameter that it does not have");
        }

        return Kind switch
        {
            ActivationKind.Clip when Alpha > Beta =>
                FormattableString.Invariant($"is Clip with the limits α = {Alpha} and β = {Beta}, expected α ≤ β"),
            ActivationKind.Celu when Alpha <= 0 => FormattableString.Invariant($"is Celu with α = {Alpha}, expected α > 0"),
            _ => null,
        };
    }

    /// <summary>Description of an error in an activation of a role, "Activation is …, expected …"; null if there is none.</summary>
    internal static string? Problem(string role, ActivationSpec activation) =>
        activation.Problem() is { } problem ? $"{role} {problem}" : null;
}
