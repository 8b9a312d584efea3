using SpanRnn.Formats.Model;
using static SpanRnn.Formats.Onnx.OnnxFormula;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Makes formulas, and finds the activations and normalizations that exporters spell in several nodes. Their constants are given in float.
/// </summary>
internal static class OnnxFormulas
{
    private const double Close = 1e-4;

    /// <summary>Applies an activation.</summary>
    public static OnnxFormula Activate(OnnxFormula of, ActivationSpec f) =>
        of is Product product && f is { Kind: ActivationKind.Affine, Beta: 0 }
            ? Multiply(product.Factor * f.Alpha, product.One, product.Other)
            : new Each(of, f);

    /// <summary>Adds two formulas.</summary>
    public static OnnxFormula Add(OnnxFormula one, OnnxFormula other) => ReferenceEquals(one, other)
        ? Activate(one, new ActivationSpec(ActivationKind.Affine, 2, 0))
        : new Sum(one, other);

    /// <summary>Multiplies two formulas and a number.</summary>
    public static OnnxFormula Multiply(double factor, OnnxFormula one, OnnxFormula other)
    {
        // A factor of one of both may be part of what it stands for, or not.
        foreach ((double first, OnnxFormula a) in Readings(one))
        {
            foreach ((double second, OnnxFormula b) in Readings(other))
            {
                if ((Gated(a, b) ?? Gated(b, a)) is var (of, activation, own))
                {
                    double rest = factor * first * second / own;
                    OnnxFormula found = new Each(of, activation);
                    return Math.Abs(rest - 1) < Close ? found : Activate(found, new ActivationSpec(ActivationKind.Affine, rest, 0));
                }
            }
        }

        return one is Named { Name: "Reciprocal" } inverse ? Divide(other, inverse.Of)
            : other is Named { Name: "Reciprocal" } divisor ? Divide(one, divisor.Of)
            : new Product(factor, one, other);
    }

    /// <summary>Divides two formulas.</summary>
    public static OnnxFormula Divide(OnnxFormula one, OnnxFormula other)
    {
        bool isRoot = other is Named { Name: "Sqrt" } or Power { Exponent: 0.5 };
        OnnxFormula? raised = (other as Named)?.Of ?? (other as Power)?.Of;
        if (isRoot && Raised(raised!) is var (mean, epsilon) && Squared(mean.Of) is { } squared && ReferenceEquals(squared, one))
        {
            return Centered(one) is { } row
                ? new Normalized(row, FeatureNormalization.Layer, epsilon)
                : new Normalized(one, FeatureNormalization.RootMeanSquare, epsilon);
        }

        return other is PerFeature { Use: VectorUse.Shift, Single: 1 } lifted && ExpOfNegative(lifted.Of) is { } of
            ? Multiply(1, one, new Each(of, ActivationKind.Sigmoid))
            : new Product(1, one, new Named(other, "Reciprocal"));
    }

    /// <summary>Takes one of the functions without a name among the activations.</summary>
    public static OnnxFormula Name(OnnxFormula of, string name) =>
        name == "Reciprocal" && of is PerFeature { Use: VectorUse.Shift, Single: 1 } lifted && ExpOfNegative(lifted.Of) is { } x
            ? new Each(x, ActivationKind.Sigmoid)
            : new Named(of, name);

    // A formula, and also what is multiplied in it.
    private static IEnumerable<(double Factor, OnnxFormula Of)> Readings(OnnxFormula formula)
    {
        double factor = 1;
        yield return (factor, formula);
        while (formula is Each { Function: { Kind: ActivationKind.Affine, Beta: 0 } affine } each)
        {
            (factor, formula) = (factor * affine.Alpha, each.Of);
            yield return (factor, formula);
        }
    }

    // x ⊙ g(x), with the factor that makes it the activation: SiLU, Mish, hard swish, GELU.
    private static (OnnxFormula Of, ActivationSpec Activation, double Factor)? Gated(OnnxFormula x, OnnxFormula gate) => gate switch
    {
        Each { Function.Kind: ActivationKind.Sigmoid } each when ReferenceEquals(each.Of, x) => (x, ActivationKind.Silu, 1),
        Each { Function.Kind: ActivationKind.Tanh, Of: Each { Function.Kind: ActivationKind.Softplus } inner }
            when ReferenceEquals(inner.Of, x) => (x, ActivationKind.Mish, 1),
        Each { Function: { Kind: ActivationKind.HardSigmoid } f } each when ReferenceEquals(each.Of, x) && Near(f.Alpha, 1.0 / 6)
            && Near(f.Beta, 0.5) => (x, ActivationKind.HardSwish, 1),
        Each { Function: { Kind: ActivationKind.Clip, Alpha: 0, Beta: 6 } } clipped when IsSum(clipped.Of, x, 3)
            => (x, ActivationKind.HardSwish, 1.0 / 6),
        PerFeature { Use: VectorUse.Shift, Single: 1 } lifted => lifted.Of switch
        {
            Named { Name: "Erf" } erf when Times(erf.Of, x) is { } k && Near(k, Math.Sqrt(0.5)) => (x, ActivationKind.Gelu, 0.5),
            Each { Function.Kind: ActivationKind.Tanh } tanh when IsGeluArgument(tanh.Of, x) => (x, ActivationKind.GeluTanh, 0.5),
            _ => null,
        },
        _ => null,
    };

    // √(2/π)·(x + 0.044715·x³), or c·x·(s + k·x²) with the same factors.
    private static bool IsGeluArgument(OnnxFormula formula, OnnxFormula x)
    {
        double slope = Math.Sqrt(2 / Math.PI);
        if (formula is Product product)
        {
            OnnxFormula? other = ReferenceEquals(product.One, x) ? product.Other : ReferenceEquals(product.Other, x) ? product.One : null;
            return other is PerFeature { Use: VectorUse.Shift, Single: { } single } shifted && Square(shifted.Of, x) is { } k
                && Near(product.Factor * single, slope) && Near(product.Factor * k, 0.044715 * slope);
        }

        return formula is Each { Function: { Kind: ActivationKind.Affine, Beta: 0 } scale, Of: Sum sum } && Near(scale.Alpha, slope)
            && ((ReferenceEquals(sum.One, x) && IsCube(sum.Other, x)) || (ReferenceEquals(sum.Other, x) && IsCube(sum.One, x)));
    }

    // k if the formula is k·x².
    private static double? Square(OnnxFormula formula, OnnxFormula x) => formula switch
    {
        Product product when ReferenceEquals(product.One, x) && ReferenceEquals(product.Other, x) => product.Factor,
        Power { Exponent: 2 } power when ReferenceEquals(power.Of, x) => 1,
        Each { Function: { Kind: ActivationKind.Affine, Beta: 0 } scale } each => Square(each.Of, x) * scale.Alpha,
        _ => null,
    };

    private static bool IsCube(OnnxFormula formula, OnnxFormula x) => formula switch
    {
        Each { Function: { Kind: ActivationKind.Affine, Beta: 0 } scale, Of: Power { Exponent: 3 } cube } =>
            Near(scale.Alpha, 0.044715) && ReferenceEquals(cube.Of, x),
        Product product => Near(product.Factor, 0.044715)
            && ((ReferenceEquals(product.One, x) && ReferenceEquals(Squared(product.Other), x))
                || (ReferenceEquals(product.Other, x) && ReferenceEquals(Squared(product.One), x))),
        _ => false,
    };

    // k if the formula is k·x.
    private static double? Times(OnnxFormula formula, OnnxFormula x) => ReferenceEquals(formula, x) ? 1
        : formula is Each { Function: { Kind: ActivationKind.Affine, Beta: 0 } scale } each ? Times(each.Of, x) * scale.Alpha
        : null;

    // True if the formula is x + number.
    private static bool IsSum(OnnxFormula formula, OnnxFormula x, double number) =>
        formula is PerFeature { Use: VectorUse.Shift, Single: { } single } shifted
        && Near(single, number) && ReferenceEquals(shifted.Of, x);

    // x if the formula is exp(−x).
    private static OnnxFormula? ExpOfNegative(OnnxFormula formula) =>
        formula is Each { Function.Kind: ActivationKind.Exp, Of: Each each }
        && each.Function == new ActivationSpec(ActivationKind.Affine, -1, 0)
            ? each.Of
            : null;

    // The mean and ε if the formula is their sum.
    private static (Mean Mean, double Epsilon)? Raised(OnnxFormula formula) => formula switch
    {
        PerFeature { Use: VectorUse.Shift, Single: { } epsilon, Of: Mean mean } => (mean, epsilon),
        _ => null,
    };

    // x if the formula is x².
    private static OnnxFormula? Squared(OnnxFormula formula) => formula switch
    {
        Power { Exponent: 2 } power => power.Of,
        Product { Factor: 1 } product when ReferenceEquals(product.One, product.Other) => product.One,
        _ => null,
    };

    // x if the formula is x minus the mean of x.
    private static OnnxFormula? Centered(OnnxFormula formula) => formula is not Sum sum ? null
        : MeanOf(sum.Other) is { } mean && ReferenceEquals(mean, sum.One) ? sum.One
        : MeanOf(sum.One) is { } other && ReferenceEquals(other, sum.Other) ? sum.Other
        : null;

    // x if the formula is the mean of x, times −1.
    private static OnnxFormula? MeanOf(OnnxFormula formula) =>
        formula is Each { Function: { Kind: ActivationKind.Affine, Alpha: -1, Beta: 0 }, Of: Mean mean } ? mean.Of : null;

    private static bool Near(double number, double expected) => Math.Abs(number - expected) < Close;
}
