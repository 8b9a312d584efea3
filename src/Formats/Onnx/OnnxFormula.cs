using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Function of the features of one row that is not a layer yet: exporters spell an activation in several nodes. A value that several nodes
/// read is one object.
/// </summary>
internal abstract record OnnxFormula
{
    /// <summary>Most functions within each other; a longer formula becomes layers first.</summary>
    public const int MostDeep = 64;

    /// <summary>The row itself.</summary>
    public static OnnxFormula Row { get; } = new Start();

    /// <summary>Number of functions within each other.</summary>
    public int Depth { get; private init; }

    /// <summary>The formulas that it is directly of.</summary>
    public IEnumerable<OnnxFormula> Parts => this switch
    {
        Each each => [each.Of],
        Named named => [named.Of],
        Power power => [power.Of],
        Mean mean => [mean.Of],
        Normalized normalized => [normalized.Of],
        PerFeature vector => [vector.Of],
        Sum sum => [sum.One, sum.Other],
        Product product => [product.One, product.Other],
        _ => [],
    };

    private static int Over(params ReadOnlySpan<OnnxFormula> parts)
    {
        int depth = 0;
        foreach (OnnxFormula part in parts)
        {
            depth = Math.Max(depth, part.Depth);
        }

        return depth + 1;
    }

    /// <summary>The row.</summary>
    private sealed record Start : OnnxFormula;

    /// <summary>An activation of each feature.</summary>
    public sealed record Each : OnnxFormula
    {
        public Each(OnnxFormula of, ActivationSpec function)
        {
            (Of, Function, Depth) = (of, function, Over(of));
        }

        public OnnxFormula Of { get; }

        public ActivationSpec Function { get; }
    }

    /// <summary>A function without a name among the activations: Erf, Sqrt or Reciprocal.</summary>
    public sealed record Named : OnnxFormula
    {
        public Named(OnnxFormula of, string name)
        {
            (Of, Name, Depth) = (of, name, Over(of));
        }

        public OnnxFormula Of { get; }

        public string Name { get; }
    }

    /// <summary>A power of each feature.</summary>
    public sealed record Power : OnnxFormula
    {
        public Power(OnnxFormula of, double exponent)
        {
            (Of, Exponent, Depth) = (of, exponent, Over(of));
        }

        public OnnxFormula Of { get; }

        public double Exponent { get; }
    }

    /// <summary>The mean of the features, one number for each row.</summary>
    public sealed record Mean : OnnxFormula
    {
        public Mean(OnnxFormula of)
        {
            (Of, Depth) = (of, Over(of));
        }

        public OnnxFormula Of { get; }
    }

    /// <summary>Layer or RMS normalization.</summary>
    public sealed record Normalized : OnnxFormula
    {
        public Normalized(OnnxFormula of, FeatureNormalization kind, double epsilon)
        {
            (Of, Kind, Epsilon, Depth) = (of, kind, epsilon, Over(of));
        }

        public OnnxFormula Of { get; }

        public FeatureNormalization Kind { get; }

        public double Epsilon { get; }
    }

    /// <summary>A number for each feature that it is multiplied by, or that is added, or the slope of negative ones.</summary>
    public sealed record PerFeature : OnnxFormula
    {
        public PerFeature(OnnxFormula of, VectorUse use, ParameterSource numbers, double? single)
        {
            (Of, Use, Numbers, Single, Depth) = (of, use, numbers, single, Over(of));
        }

        public OnnxFormula Of { get; }

        public VectorUse Use { get; }

        public ParameterSource Numbers { get; }

        /// <summary>The number, if it is one for all features.</summary>
        public double? Single { get; }
    }

    /// <summary>The sum of two formulas.</summary>
    public sealed record Sum : OnnxFormula
    {
        public Sum(OnnxFormula one, OnnxFormula other)
        {
            (One, Other, Depth) = (one, other, Over(one, other));
        }

        public OnnxFormula One { get; }

        public OnnxFormula Other { get; }
    }

    /// <summary>The product of two formulas and a number.</summary>
    public sealed record Product : OnnxFormula
    {
        public Product(double factor, OnnxFormula one, OnnxFormula other)
        {
            (Factor, One, Other, Depth) = (factor, one, other, Over(one, other));
        }

        public double Factor { get; }

        public OnnxFormula One { get; }

        public OnnxFormula Other { get; }
    }
}
