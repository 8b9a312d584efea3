using System.Globalization;
using SpanRnn.Formats.Model;
using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <content>Operators that look at one row at a time: products, activations, sums with constants and of branches, normalizations.</content>
internal sealed partial class OnnxChain
{
    /// <summary>Operators that are an activation of each number, or part of one.</summary>
    public static IEnumerable<string> Functions =>
    [
        "Sigmoid", "Tanh", "Relu", "Softsign", "Softplus", "LeakyRelu", "Elu", "ThresholdedRelu", "HardSigmoid", "Selu", "Celu",
        "HardSwish", "Mish", "Gelu", "Erf",
    ];

    /// <summary>Lowers an operator on single numbers.</summary>
    public OnnxValue Function(OnnxNode node, OnnxValue?[] inputs) => Element(node, Required(node, inputs, 0), of => node.Operator switch
    {
        "Sigmoid" => OnnxFormulas.Activate(of, ActivationKind.Sigmoid),
        "Tanh" => OnnxFormulas.Activate(of, ActivationKind.Tanh),
        "Relu" => OnnxFormulas.Activate(of, ActivationKind.Relu),
        "Softsign" => OnnxFormulas.Activate(of, ActivationKind.Softsign),
        "Softplus" => OnnxFormulas.Activate(of, ActivationKind.Softplus),
        "HardSwish" => OnnxFormulas.Activate(of, ActivationKind.HardSwish),
        "Mish" => OnnxFormulas.Activate(of, ActivationKind.Mish),
        "Exp" => OnnxFormulas.Activate(of, ActivationKind.Exp),
        "LeakyRelu" => OnnxFormulas.Activate(of, new(ActivationKind.LeakyRelu, Number(node, "alpha", 0.01f), 0)),
        "Elu" => OnnxFormulas.Activate(of, new(ActivationKind.Elu, Number(node, "alpha", 1), 0)),
        "Celu" => OnnxFormulas.Activate(of, new(ActivationKind.Celu, Number(node, "alpha", 1), 0)),
        "ThresholdedRelu" => OnnxFormulas.Activate(of, new(ActivationKind.ThresholdedRelu, Number(node, "alpha", 1), 0)),
        "HardSigmoid" => OnnxFormulas.Activate(
            of, new(ActivationKind.HardSigmoid, Number(node, "alpha", 0.2f), Number(node, "beta", 0.5f))),
        "Selu" => OnnxFormulas.Activate(of, Selu(node)),
        "Gelu" => OnnxFormulas.Activate(of, Gelu(node)),
        "Neg" => OnnxFormulas.Activate(of, new(ActivationKind.Affine, -1, 0)),
        _ => OnnxFormulas.Name(of, node.Operator),
    });

    /// <summary>Lowers a limit to both sides, of numbers or of steps that depend on lengths.</summary>
    public OnnxValue Clip(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        double? lowest = Optional(inputs, 1) is { } min ? Single(node, min, "the minimum") : node.Attribute("min")?.Single();
        double? highest = Optional(inputs, 2) is { } max ? Single(node, max, "the maximum") : node.Attribute("max")?.Single();
        return x.Type.IsReal() ? Element(node, x, of => Limited(node, of, lowest, highest)) : AtLeast(node, x, lowest, highest);
    }

    /// <summary>Lowers a slope of negative numbers.</summary>
    public OnnxValue PRelu(OnnxNode node, OnnxValue?[] inputs) =>
        PerFeature(node, Required(node, inputs, 0), Required(node, inputs, 1), VectorUse.Slope);

    /// <summary>Lowers an operator on two values, of which one may be a constant; null if another pass is needed.</summary>
    public OnnxValue? Pair(OnnxNode node, OnnxValue?[] inputs)
    {
        if (inputs.Length != 2)
        {
            throw node.Fail($"there are {inputs.Length} inputs, expected two");
        }

        (OnnxValue a, OnnxValue b) = (Required(node, inputs, 0), Required(node, inputs, 1));
        if (!a.Type.IsReal() && !b.Type.IsReal())
        {
            return StepsFrom(node, a, b);
        }

        if (a.IsData && b.IsData)
        {
            return Join(node, a, b);
        }

        (OnnxValue x, OnnxValue constant) = a.IsData ? (a, b) : (b, a);
        Real(node, "the constant", constant);
        switch (node.Operator)
        {
            case "Add":
                return PerFeature(node, x, constant, VectorUse.Shift);
            case "Sub" when a.IsData:
                return PerFeature(node, x, Scaled(constant, -1), VectorUse.Shift);
            case "Sub":
                OnnxValue negative = Element(node, x, of => OnnxFormulas.Activate(of, new(ActivationKind.Affine, -1, 0)));
                return PerFeature(node, negative, constant, VectorUse.Shift);
            case "Mul" when constant.View.Count != 1:
                return PerFeature(node, x, constant, VectorUse.Scale);
            case "Div" when a.IsData && constant.View.Count != 1:
                return PerFeature(node, x, Reciprocals(node, constant), VectorUse.Scale);
            case "Div" when b.IsData && constant.View.Count == 1:
                double numerator = Scalar(constant);
                return Element(node, x, of => numerator == 1
                    ? OnnxFormulas.Name(of, "Reciprocal")
                    : OnnxFormulas.Activate(OnnxFormulas.Name(of, "Reciprocal"), new(ActivationKind.Affine, numerator, 0)));
        }

        if (constant.View.Count != 1 || constant.View.Rank > x.View.Rank || (node.Operator is "Div" or "Pow" && !a.IsData))
        {
            throw node.Fail(
                $"computes on data and a constant of shape {constant.View.Text}, "
                + "expected a constant that is added, multiplied or divided by, a power or a limit: one number, or one for each feature");
        }

        double number = Scalar(constant);
        double factor = node.Operator == "Div" ? 1 / number : number;
        return !double.IsFinite(factor)
            ? throw node.Fail($"computes with {number.ToString(CultureInfo.InvariantCulture)}, expected a number that is not 0 or infinite")
            : Element(node, x, of => node.Operator switch
            {
                "Pow" => factor == 1 ? of : new OnnxFormula.Power(of, factor),
                "Max" => Limited(node, of, factor, null),
                "Min" => Limited(node, of, null, factor),
                _ => OnnxFormulas.Activate(of, new(ActivationKind.Affine, factor, 0)),
            });
    }

    /// <summary>Lowers a matrix product.</summary>
    public OnnxValue MatMul(OnnxNode node, OnnxValue?[] inputs) => Dense(node, Required(node, inputs, 0), Required(node, inputs, 1), 1);

    /// <summary>Lowers a matrix product with a bias.</summary>
    public OnnxValue Gemm(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue a = Required(node, inputs, 0);
        OnnxValue b = Required(node, inputs, 1);
        if (a.View.Rank != 2 || b.View.Rank != 2)
        {
            throw node.Fail($"the matrices have the shapes {a.View.Text} and {b.View.Text}, expected two axes each");
        }

        a = node.Int64("transA", 0) != 0 ? a.With(a.View.Transpose([1, 0])) : a;
        b = node.Int64("transB", 0) != 0 ? b.With(b.View.Transpose([1, 0])) : b;
        OnnxValue product = Dense(node, a, b, node.Single("alpha", 1));
        float beta = node.Single("beta", 1);
        return Optional(inputs, 2) is not { } bias || beta == 0
            ? product
            : PerFeature(node, product, Scaled(bias, beta), VectorUse.Shift);
    }

    /// <summary>Lowers a softmax or its logarithm.</summary>
    public OnnxValue Softmax(OnnxNode node, OnnxValue?[] inputs)
    {
        // Before opset 13, all axes from this one on are joined.
        OnnxValue x = Required(node, inputs, 0);
        bool joined = Opset < 13;
        int rank = x.View.Rank;
        int axis = Axis(node, node.Int64("axis", joined ? 1 : -1), rank);
        OnnxValue turned = joined ? x : Last(x, axis);
        (OnnxView rows, Stage stage) = Take(node, turned, joined ? axis : rank - 1);

        // The view that goes on has the axes of x in their order, whichever axis was moved to the end.
        rows = joined ? rows : Back(rows, axis);
        Build(() =>
        {
            Builder!.Normalize(node.Operator == "Softmax" ? Normalization.Softmax : Normalization.LogSoftmax);
            return true;
        });
        return Advance(x.Type, rows, stage, stage.Features);
    }

    /// <summary>Lowers a table, the first layer.</summary>
    public OnnxValue Embedding(OnnxNode node, OnnxValue?[] inputs)
    {
        (OnnxValue table, OnnxValue symbols) = (Required(node, inputs, 0), Required(node, inputs, 1));
        Real(node, "the table", table);
        bool isFirst = Input is null && SourceOf(symbols.View) is { Kind: SourceKind.Input } source && IsWhole(symbols.View, source);
        if (table.View.Rank != 2 || Axis(node, node.Int64("axis", 0), 2) != 0 || !isFirst || table.View.Count == 0)
        {
            throw node.Fail(
                $"looks up data of shape {symbols.View.Text} in a table of shape {table.View.Text}, "
                + "expected an embedding, the first layer: rows of a matrix by a whole input of the graph");
        }

        Input = _inputs[SourceOf(symbols.View)!.Number];
        IsSymbols = true;
        Rows = symbols.View;
        Builder = new NetworkBuilder(table.Source(Limits));
        long features = table.View.Size(1);
        Stage stage = AddStage(SourceKind.Steps, features, symbols.View.Count);
        return OnnxValue.Data(table.Type, OnnxView.RowMajor(stage.Source.Base, [.. symbols.Shape, features]));
    }

    /// <summary>Lowers zeros behind the features, as a sum with an output of more features needs.</summary>
    public OnnxValue Pad(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        long[] pads = Parameter(node, inputs, 1, "pads", Limits) ?? [];
        int rank = x.View.Rank;
        string mode = node.Attribute("mode")?.Text() ?? "constant";
        if (mode != "constant")
        {
            throw node.Fail($"pads by the mode {ModelFormatException.Quote(mode)}, expected constant zeros");
        }

        bool isZero = Optional(inputs, 3) is null
            && (Optional(inputs, 2) is not { } value || (!value.IsData && Array.TrueForAll(value.Reals(Limits), number => number == 0)));
        if (!isZero || pads.Length != 2 * rank || Array.Exists(pads[..^1], pad => pad != 0) || pads[^1] < 0)
        {
            throw node.Fail(
                $"pads data of shape {x.View.Text} by [{string.Join(", ", pads)}], expected zeros after the last axis only");
        }

        long[] shape = x.Shape;
        shape[^1] += pads[^1];
        Source source = AddSource(SourceKind.Padded, _padded.Count, Count(shape, node.Fail));
        _padded.Add(x.View);
        return OnnxValue.Data(x.Type, OnnxView.RowMajor(source.Base, shape));
    }

    /// <summary>Lowers a batch normalization with fixed statistics: a scale and a shift of each feature, which are on axis 1.</summary>
    public OnnxValue[] BatchNormalization(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        if (node.Int64("training_mode", 0) != 0 || (node.Outputs.Count > 1 && node.Output(1).Length > 0))
        {
            throw node.Fail("computes statistics, expected a model for inference with fixed ones");
        }

        var numbers = new ParameterSource[4];
        for (int i = 0; i < numbers.Length; i++)
        {
            OnnxValue value = Required(node, inputs, i + 1);
            Real(node, $"input {i + 1}", value);
            ExpectShape(node, $"input {i + 1}", value, x.View.Rank > 1 ? x.View.Size(1) : 0);
            numbers[i] = Numbers(Array.ConvertAll(value.Reals(Limits), number => (float)number));
        }

        (ParameterSource scale, ParameterSource shift) = BatchStatistics.ScaleAndShift(
            numbers[0], numbers[1], numbers[2], numbers[3], Number(node, "epsilon", 1e-5f), node.Fail);

        // The features come last, as in all other layers, and go back.
        OnnxValue turned = Last(x, 1);
        (OnnxView view, Stage stage) = Operand(node, turned, turned.View.Rank - 1);
        ExpectFeatures(node, x, view, stage, scale.Rows);
        OnnxFormula of = new OnnxFormula.PerFeature(stage.Formula, VectorUse.Scale, scale, null);
        (view, _) = AddFormula(view, stage, new OnnxFormula.PerFeature(of, VectorUse.Shift, shift, null), scale.Rows, node);
        return [OnnxValue.Data(x.Type, Back(view, 1))];
    }

    /// <summary>Lowers a normalization over the features, by mean and deviation or by the root of the mean square.</summary>
    public OnnxValue[] LayerNormalization(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        int axis = Axis(node, node.Int64("axis", -1), x.View.Rank);
        if (axis != x.View.Rank - 1)
        {
            throw node.Fail($"normalizes data of shape {x.View.Text} from axis {axis} on, expected the last axis, the features");
        }

        if (node.Outputs.Skip(1).Any(name => name.Length > 0))
        {
            throw node.Fail("its mean or deviation is an output, expected the normalized data only");
        }

        (OnnxView view, Stage stage) = Operand(node, x, axis);
        ExpectFeatures(node, x, view, stage, x.View.Size(axis));
        FeatureNormalization kind =
            node.Operator == "LayerNormalization" ? FeatureNormalization.Layer : FeatureNormalization.RootMeanSquare;
        (view, stage) = AddFormula(
            view, stage, new OnnxFormula.Normalized(stage.Formula, kind, Number(node, "epsilon", 1e-5f)), stage.Features, node);
        var y = OnnxValue.Data(x.Type, view);
        y = Optional(inputs, 1) is { } scale ? PerFeature(node, y, scale, VectorUse.Scale) : y;
        return [Optional(inputs, 2) is { } shift ? PerFeature(node, y, shift, VectorUse.Shift) : y];
    }

    private static void ExpectFeatures(OnnxNode node, OnnxValue x, OnnxView view, Stage stage, long size)
    {
        bool isFeatures = stage.Features == size && (size == 1 || IsFeatures(view.Axis(view.Rank - 1), stage));
        if (!isFeatures)
        {
            throw node.Fail(
                $"normalizes {size} numbers of data of shape {x.View.Text}, expected the {stage.Features} features of each row");
        }
    }

    private static ParameterSource Numbers(float[] numbers) => ParameterSource.Of(string.Empty, numbers, numbers.Length, 1);

    // The axis as the last one, and a view of such axes back in their order.
    private static OnnxValue Last(OnnxValue x, int axis) =>
        x.With(x.View.Transpose([.. Enumerable.Range(0, x.View.Rank).Where(i => i != axis), axis]));

    private static OnnxView Back(OnnxView view, int axis) => view.Transpose(
        [.. Enumerable.Range(0, axis), view.Rank - 1, .. Enumerable.Range(axis, view.Rank - 1 - axis)]);

    // 0.2f means 0.2.
    private static double Decimal(float number) =>
        double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static double Number(OnnxNode node, string name, float otherwise) => Decimal(node.Single(name, otherwise));

    private double Scalar(OnnxValue constant) =>
        constant.Reals(Limits)[0] is var number && constant.Type == OnnxType.Float ? Decimal((float)number) : number;

    private double Single(OnnxNode node, OnnxValue constant, string what) => constant.View.Count == 1
        ? Scalar(constant)
        : throw node.Fail($"{what} has shape {constant.View.Text}, expected one number");

    private static ActivationSpec Selu(OnnxNode node)
    {
        (double alpha, double gamma) = (node.Single("alpha", 1.67326319217681884765625f), node.Single("gamma", 1.05070102214813232421875f));
        return Math.Abs(alpha - 1.6732632423543772) < 1e-5 && Math.Abs(gamma - 1.0507009873554805) < 1e-5
            ? ActivationKind.Selu
            : throw node.Fail(
                FormattableString.Invariant($"alpha is {alpha} and gamma is {gamma}, expected SELU's own, 1.6733 and 1.0507"));
    }

    private static ActivationSpec Gelu(OnnxNode node) => (node.Attribute("approximate")?.Text() ?? "none") switch
    {
        "none" => ActivationKind.Gelu,
        "tanh" => ActivationKind.GeluTanh,
        var form => throw node.Fail($"approximate is {ModelFormatException.Quote(form)}, expected none or tanh"),
    };

    private static OnnxFormula Limited(OnnxNode node, OnnxFormula of, double? lowest, double? highest)
    {
        if (lowest is null && highest is null)
        {
            return of;
        }

        if (lowest > highest)
        {
            throw node.Fail(
                FormattableString.Invariant($"limits to {lowest} … {highest}, expected a minimum that is not above the maximum"));
        }

        return lowest == 0 && highest is null or >= float.MaxValue
            ? OnnxFormulas.Activate(of, ActivationKind.Relu)
            : OnnxFormulas.Activate(
                of,
                new(
                    ActivationKind.Clip,
                    Math.Max(lowest ?? -float.MaxValue, -float.MaxValue),
                    Math.Min(highest ?? float.MaxValue, float.MaxValue)));
    }

    private OnnxValue Element(OnnxNode node, OnnxValue x, Func<OnnxFormula, OnnxFormula> make)
    {
        Real(node, "the data", x);
        (OnnxView view, Stage stage) = WholeRows(node, x, x.View.Rank - 1);
        return Made(node, x.Type, view, stage, make);
    }

    private OnnxValue Made(OnnxNode node, OnnxType type, OnnxView view, Stage stage, Func<OnnxFormula, OnnxFormula> make)
    {
        OnnxFormula formula = make(stage.Formula);
        if (formula.Depth > OnnxFormula.MostDeep)
        {
            if (stage.Below != _top)
            {
                throw Branch(node, stage);
            }

            Settle(stage, node.Fail);
            formula = make(OnnxFormula.Row);
        }

        (view, _) = AddFormula(view, stage, formula, stage.Features, node);
        return OnnxValue.Data(type, view);
    }

    private OnnxValue Scaled(OnnxValue value, float factor) => factor == 1
        ? value
        : OnnxValue.Of(value.Type, value.Shape, Array.ConvertAll(value.Reals(Limits), number => number * factor));

    private OnnxValue Reciprocals(OnnxNode node, OnnxValue value)
    {
        double[] numbers = value.Reals(Limits);
        int zero = Array.IndexOf(numbers, 0);
        return zero < 0
            ? OnnxValue.Of(value.Type, value.Shape, Array.ConvertAll(numbers, number => 1 / number))
            : throw node.Fail($"divides feature {zero} by 0, expected another deviation");
    }

    // Computes with a constant that has a number for each feature, or one for all.
    private OnnxValue PerFeature(OnnxNode node, OnnxValue x, OnnxValue constant, VectorUse use)
    {
        Real(node, use == VectorUse.Shift ? "the bias" : "the constant", constant);
        long[] shape = Broadcast(node, x.Shape, constant.Shape);
        OnnxValue wide = Broadcast(node, x, shape);
        OnnxView numbers = Broadcast(node, constant, shape).View;
        Func<string, ModelFormatException> fail = _ => node.Fail(
            $"{(use == VectorUse.Shift ? "adds" : "multiplies by")} a constant of shape {constant.View.Text} "
            + $"{(use == VectorUse.Shift ? "to" : "the")} data of shape {x.View.Text}, expected one number for each feature");
        if (wide.View.Count != x.View.Count || shape.Length == 0)
        {
            throw fail(string.Empty);
        }

        Real(node, "the data", x);
        (OnnxView view, Stage stage) = WholeRows(node, wide, shape.Length - 1);
        int features = Enumerable.Range(0, view.Rank).FirstOrDefault(i => IsFeatures(view.Axis(i), stage), -1);
        bool varies = false;
        for (int axis = 0; axis < view.Rank; axis++)
        {
            bool repeats = numbers.Axis(axis).ToArray().All(factor => factor.Stride == 0);
            varies |= !repeats;
            if (!repeats && axis != features)
            {
                throw fail(string.Empty);
            }
        }

        // One number is repeated: the features may be on several axes.
        double? single = constant.View.Count == 1 ? Scalar(constant) : null;
        OnnxView own = varies
            ? OnnxView.Of(numbers.Offset, [numbers.Axis(features).ToArray(), []])
            : OnnxView.Repeated(numbers.Offset, [stage.Features, 1]);
        ParameterSource source = constant.With(own).Source(Limits);
        return Made(node, x.Type, view, stage, of => new OnnxFormula.PerFeature(of, use, source, single));
    }

    private OnnxValue Dense(OnnxNode node, OnnxValue x, OnnxValue matrix, float alpha)
    {
        Real(node, "the matrix", matrix);
        if (matrix.View.Rank != 2 || x.View.Rank < 1 || matrix.View.Count == 0)
        {
            throw node.Fail($"the operands have the shapes {x.View.Text} and {matrix.View.Text}, expected data and a matrix of two axes");
        }

        ExpectSize(node, "the data", x, x.View.Rank - 1, matrix.View.Size(0));
        (OnnxView rows, Stage stage) = Take(node, x, x.View.Rank - 1);
        OnnxValue weights = Scaled(matrix.With(matrix.View.Transpose([1, 0])), alpha);
        Builder!.AddDense(weights.Source(Limits), null);
        return Advance(x.Type, rows, stage, matrix.View.Size(1));
    }

    // Output of a layer on single rows: the same rows with other features.
    private OnnxValue Advance(OnnxType type, OnnxView view, Stage stage, long features)
    {
        Stage above = AddStage(stage.Source.Kind, features, stage.Source.Count / stage.Features);
        List<OnnxFactor[]> axes = [];
        for (int i = 0; i < view.Rank; i++)
        {
            // If the number of features changes, they are the last axis.
            axes.Add(
                features == stage.Features ? view.Axis(i).ToArray()
                : i == view.Rank - 1 ? One(features, 1)
                : Array.ConvertAll(
                    view.Axis(i).ToArray(), factor => factor with { Stride = factor.Stride / stage.Features * features }));
        }

        return OnnxValue.Data(type, OnnxView.Of(above.Source.Base, axes));
    }
}
