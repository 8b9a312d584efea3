namespace SpanRnn.Tests;

/// <summary>Activations and their derivatives in double arithmetic, in the forms that lose no digits.</summary>
internal static class PlainActivations
{
    private const double SeluScale = 1.0507009873554805;
    private const double SeluAlpha = 1.6732632423543772;

    /// <summary>f(a)</summary>
    public static double Value(ActivationSpec f, double a) => f.Kind switch
    {
        ActivationKind.Identity => a,
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-a)),
        ActivationKind.Tanh => Math.Tanh(a),
        ActivationKind.Relu => Math.Max(a, 0),
        ActivationKind.Affine => (f.Alpha * a) + f.Beta,
        ActivationKind.LeakyRelu => a >= 0 ? a : f.Alpha * a,
        ActivationKind.ThresholdedRelu => a >= f.Alpha ? a : 0,
        ActivationKind.ScaledTanh => f.Alpha * Math.Tanh(f.Beta * a),
        ActivationKind.HardSigmoid => Math.Clamp((f.Alpha * a) + f.Beta, 0, 1),
        ActivationKind.Elu => a >= 0 ? a : f.Alpha * (Math.Exp(a) - 1),
        ActivationKind.Softsign => a / (1 + Math.Abs(a)),
        ActivationKind.Softplus => Math.Log(1 + Math.Exp(a)),
        ActivationKind.Clip => Math.Clamp(a, f.Alpha, f.Beta),
        ActivationKind.Silu => TimesSigmoid(a, a),
        ActivationKind.Gelu => a * NormalDistribution.Below(a),
        ActivationKind.GeluTanh => TimesSigmoid(a, GeluArgument(a)),
        ActivationKind.Exp => Math.Exp(a),
        ActivationKind.Selu => SeluScale * (a >= 0 ? a : SeluAlpha * ExpMinusOne(a)),
        ActivationKind.Celu => a >= 0 ? a : f.Alpha * ExpMinusOne(a / f.Alpha),
        ActivationKind.HardSwish => a * Math.Clamp(a + 3, 0, 6) / 6,
        ActivationKind.Mish => a < 0 ? TimesPower((2 + Math.Exp(a)) / (2 + (Math.Exp(a) * (2 + Math.Exp(a)))) * a, a) : a * MishFactor(a),
        _ => a > 0 ? 1 : 0,
    };

    /// <summary>f′(a)</summary>
    public static double Slope(ActivationSpec f, double a) => f.Kind switch
    {
        ActivationKind.Identity => 1,
        ActivationKind.Sigmoid => Math.Exp(-a) / ((1 + Math.Exp(-a)) * (1 + Math.Exp(-a))),
        ActivationKind.Tanh => 1 / (Math.Cosh(a) * Math.Cosh(a)),
        ActivationKind.Affine => f.Alpha,
        ActivationKind.LeakyRelu => a > 0 ? 1 : f.Alpha,
        ActivationKind.ThresholdedRelu => a > f.Alpha ? 1 : 0,
        ActivationKind.ScaledTanh => f.Alpha * f.Beta / (Math.Cosh(f.Beta * a) * Math.Cosh(f.Beta * a)),
        ActivationKind.HardSigmoid => (f.Alpha * a) + f.Beta is > 0 and < 1 ? f.Alpha : 0,
        ActivationKind.Elu => a > 0 ? 1 : f.Alpha * Math.Exp(a),
        ActivationKind.Softsign => 1 / ((1 + Math.Abs(a)) * (1 + Math.Abs(a))),
        ActivationKind.Softplus => 1 / (1 + Math.Exp(-a)),
        ActivationKind.Clip => a > f.Alpha && a < f.Beta ? 1 : 0,
        ActivationKind.Silu => SelfGatedSlope(a, a, 1),
        ActivationKind.Gelu => NormalDistribution.Below(a) + (a * NormalDistribution.Density(a)),
        ActivationKind.GeluTanh => SelfGatedSlope(a, GeluArgument(a), 2 * Math.Sqrt(2 / Math.PI) * (1 + (3 * 0.044715 * a * a))),
        ActivationKind.Exp => Math.Exp(a),
        ActivationKind.Selu => SeluScale * (a > 0 ? 1 : SeluAlpha * Math.Exp(a)),
        ActivationKind.Celu => a > 0 ? 1 : Math.Exp(a / f.Alpha),
        ActivationKind.HardSwish => a <= -3 ? 0 : a >= 3 ? 1 : (a / 3) + 0.5,
        ActivationKind.Mish => MishFactor(a) + (a / (Squared(Math.Cosh(Math.Log(1 + Math.Exp(a)))) * (1 + Math.Exp(-a)))),
        _ => a > 0 ? 1 : 0,
    };

    private static double Squared(double value) => value * value;

    // 2z of the formula with tanh, which is 2σ(2z) − 1.
    private static double GeluArgument(double a) => 2 * Math.Sqrt(2 / Math.PI) * (a + (0.044715 * a * a * a));

    // a·σ(z)
    private static double TimesSigmoid(double a, double z) => z < 0 ? TimesPower(a, z) / (1 + Math.Exp(z)) : a / (1 + Math.Exp(-z));

    // a·eᶻ, where eᶻ alone would lose digits below the normal numbers.
    private static double TimesPower(double a, double z) => a * Math.Exp(z / 2) * Math.Exp(z / 2);

    // The derivative of a·σ(z).
    private static double SelfGatedSlope(double a, double z, double slope) => Math.Abs(z) > 700
        ? (z > 0 ? 1 : 0)
        : (1 / (1 + Math.Exp(-z))) + (a * slope / ((1 + Math.Exp(-z)) * (1 + Math.Exp(z))));

    // tanh(log(1 + eᵃ)), without the digits that 1 + eᵃ loses.
    private static double MishFactor(double a) => a > 0
        ? (1 + (2 * Math.Exp(-a))) / (1 + (2 * Math.Exp(-a)) + (2 * Math.Exp(-2 * a)))
        : Math.Exp(a) * (2 + Math.Exp(a)) / (2 + (Math.Exp(a) * (2 + Math.Exp(a))));

    // eᵃ − 1 = 2·sinh(a/2)·e^(a/2), which does not cancel.
    private static double ExpMinusOne(double a) => a < -40 ? -1 : 2 * Math.Sinh(a / 2) * Math.Exp(a / 2);
}
