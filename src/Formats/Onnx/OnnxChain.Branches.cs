using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <content>Operators on two branches of the data, and what becomes of the functions of a row.</content>
internal sealed partial class OnnxChain
{
    // Layers that stay as they are: rows between them are needed.
    private int _kept;

    // A formula that is made layers already, as the row is.
    private OnnxFormula _made = OnnxFormula.Row;

    /// <summary>Makes layers of the function of a stage, which is of the rows on top of all layers.</summary>
    public void Settle(Stage stage, Func<string, ModelFormatException> fail)
    {
        if (stage.IsPart)
        {
            throw fail($"takes the first {stage.Features} features of {Text(_stages[stage.Below].Source)}, expected all of them");
        }

        if (ReferenceEquals(stage.Formula, OnnxFormula.Row))
        {
            return;
        }

        Stage below = _stages[stage.Below];
        LayerSpec? last = Builder!.Layers is [.., var top] ? top : null;
        int count = Builder.Count;
        _kept = _context.KeptRows.Contains(stage.Below) ? below.Layers : 0;
        Build(() =>
        {
            Emit(stage.Formula, below, problem => stage.Node?.Fail(problem) ?? fail(problem));
            return true;
        });
        if (count > 0 && !ReferenceEquals(Builder.Layers[count - 1], last))
        {
            // The first function joined the layer below, so its rows are not between layers any more.
            below.Layers = -1;
        }

        stage.Formula = OnnxFormula.Row;
        stage.Below = _stages.IndexOf(stage);
        stage.Layers = Builder.Count;
        _top = stage.Below;
    }

    // Sum, difference or product of two values; null if another pass is needed.
    private OnnxValue? Join(OnnxNode node, OnnxValue a, OnnxValue b)
    {
        OnnxArguments.Real(node, "the data", a);
        OnnxArguments.Real(node, "the data", b);
        if (node.Operator is "Add" or "Mul"
            && Directions(a, b, node.Operator == "Add" ? DirectionMerge.Sum : DirectionMerge.Product) is { } merged)
        {
            return merged;
        }

        (OnnxView View, bool IsPadded) first = Unpadded(a), second = Unpadded(b);
        (OnnxView one, Stage left) = Resolve(a.With(first.View), a.View.Rank - 1, node.Fail);
        (OnnxView other, Stage right) = Resolve(b.With(second.View), b.View.Rank - 1, node.Fail);
        if (left.Below == right.Below && left.Below == _top && !first.IsPadded && !second.IsPadded && !left.IsPart && !right.IsPart)
        {
            return Combine(node, a.Type, (one, left), (other, right));
        }

        bool isSum = node.Operator is "Add" or "Sub";
        bool leftIsTop = left.Below == _top && right.Below < _top && !first.IsPadded;
        bool rightIsTop = right.Below == _top && left.Below < _top && !second.IsPadded;
        if (!isSum || !(leftIsTop || rightIsTop) || !a.Shape.AsSpan().SequenceEqual(b.Shape))
        {
            throw node.Fail(
                $"joins {Text(left.Source)} of shape {a.View.Text} and {Text(right.Source)} of shape {b.View.Text} by {node.Operator}, "
                + "expected a chain of layers, to which rows of an earlier layer or the input may be added");
        }

        // a − b is −b + a.
        return leftIsTop
            ? Skip(node, a.Type, (one, left), (other, right), node.Operator == "Sub" ? -1 : 1)
            : Skip(
                node,
                a.Type,
                node.Operator == "Sub" ? Negative(node, other, right) : (other, right),
                (one, left),
                1);
    }

    private (OnnxView View, Stage Stage) Negative(OnnxNode node, OnnxView view, Stage stage) => AddFormula(
        view, stage, OnnxFormulas.Activate(stage.Formula, new(ActivationKind.Affine, -1, 0)), stage.Features, node);

    // Data that zeros follow, without the zeros.
    private (OnnxView View, bool IsPadded) Unpadded(OnnxValue value) =>
        SourceOf(value.View) is { Kind: SourceKind.Padded } source
            && OnnxView.RowMajor(source.Base, value.Shape) is var plain
            && value.View.Offset == source.Base && source.Count == value.View.Count
            && plain.Factors.AsSpan().SequenceEqual(value.View.Factors)
            ? (_padded[source.Number], true)
            : (value.View, false);

    // Two functions of the same rows.
    private OnnxValue Combine(OnnxNode node, OnnxType type, (OnnxView View, Stage Stage) a, (OnnxView View, Stage Stage) b)
    {
        (OnnxView view, Stage stage) = a.Stage.Features >= b.Stage.Features ? a : b;
        bool fits = (a.Stage.Features == b.Stage.Features || Math.Min(a.Stage.Features, b.Stage.Features) == 1)
            && IsWhole(a.View, a.Stage.Source) && IsWhole(b.View, b.Stage.Source)
            && Enumerable.Range(0, view.Rank).All(axis => IsAligned(a, b, axis));
        if (a.View.Rank != b.View.Rank || !fits)
        {
            throw node.Fail($"joins rows of shape {a.View.Text} and {b.View.Text} in different orders, expected the same rows");
        }

        OnnxFormula left = a.Stage.Formula, right = b.Stage.Formula;
        OnnxFormula formula = node.Operator switch
        {
            "Add" => OnnxFormulas.Add(left, right),
            "Sub" => OnnxFormulas.Add(left, OnnxFormulas.Activate(right, new(ActivationKind.Affine, -1, 0))),
            "Mul" => OnnxFormulas.Multiply(1, left, right),
            "Div" => OnnxFormulas.Divide(left, right),
            _ => throw node.Fail($"takes {node.Operator} of two functions of one row, expected their sum, difference, product or quotient"),
        };
        if (formula.Depth > OnnxFormula.MostDeep)
        {
            throw node.Fail($"has more than {OnnxFormula.MostDeep} functions within each other, expected an activation");
        }

        (view, _) = AddFormula(view, stage, formula, stage.Features, node);
        return OnnxValue.Data(type, view);
    }

    // Adds rows of an earlier layer, times a factor; null if another pass must leave these rows between layers.
    private OnnxValue? Skip(
        OnnxNode node, OnnxType type, (OnnxView View, Stage Stage) top, (OnnxView View, Stage Stage) from, double sign)
    {
        (OnnxView view, Stage stage) = top;
        long features = FeaturesOf(from.View, from.Stage);
        bool fits = IsWhole(view, stage.Source) && stage.IsPerSequence == from.Stage.IsPerSequence && view.Rank == from.View.Rank
            && from.View.Offset == from.Stage.Source.Base && features <= stage.Features
            && Enumerable.Range(0, view.Rank).All(axis => IsAligned(top, from, axis));
        if (!fits)
        {
            throw node.Fail(
                $"adds {Text(from.Stage.Source)} of shape {from.View.Text} to {view.Text}, expected the same steps and sequences, and the "
                + "same features or the first ones");
        }

        if (_hasLengths)
        {
            throw node.Fail(
                "adds rows of an earlier layer to those of sequences that have sequence_lens, expected none: rows beyond a length would "
                + "not be the same for all sequences");
        }

        Stage below = _stages[from.Stage.Below];
        if (Linear(from.Stage.Formula) is not var (factor, numbers) || below.Layers < 0)
        {
            // Another pass keeps these rows between layers.
            bool isFunction = Linear(from.Stage.Formula) is null;
            return _context.KeptRows.Add(isFunction ? from.Stage.Source.Number : from.Stage.Below)
                ? null
                : throw node.Fail("adds a function of the rows of an earlier layer, expected these rows, or a constant times them");
        }

        Settle(stage, node.Fail);
        if (numbers is not null)
        {
            // The numbers of the features that are added, with the sign.
            float[] values = new float[numbers.Rows];
            numbers.CopyTo(values);
            Limits.Charge(values.Length);
            numbers = Numbers(Array.ConvertAll(values[..(int)features], value => (float)sign * value));
        }

        AddSkip(below.Layers, below.Features, features, stage.Features, sign * factor, numbers);
        return Advance(type, view, stage, stage.Features);
    }

    private void AddSkip(int from, long fromFeatures, long features, long own, double factor, ParameterSource? numbers) => Builder!.Add(
        new SkipLayer(from)
        {
            Features = features == fromFeatures && features == own ? 0 : (int)features,
            Scale = numbers is not null ? SkipScale.PerFeature : factor == 1 ? SkipScale.None : SkipScale.One,
        },
        numbers is not null ? new() { [(Direction.Forward, ParameterRole.Scale)] = numbers }
            : factor == 1 ? []
            : new() { [(Direction.Forward, ParameterRole.Scale)] = Numbers([(float)factor]) });

    // The factor of the row that a formula is; null if it is something else.
    private static (double Factor, ParameterSource? Numbers)? Linear(OnnxFormula formula) => formula switch
    {
        OnnxFormula.Each { Function: { Kind: ActivationKind.Affine, Beta: 0 } affine, Of: var of } when Linear(of) is (var inner, null) =>
            (affine.Alpha * inner, null),
        OnnxFormula.PerFeature { Use: VectorUse.Scale, Of: var of } scaled when ReferenceEquals(of, OnnxFormula.Row) =>
            (1, scaled.Numbers),
        _ => ReferenceEquals(formula, OnnxFormula.Row) ? (1, null) : null,
    };

    // Number of the first features that a view has.
    private static long FeaturesOf(OnnxView view, Stage stage)
    {
        for (int axis = 0; axis < view.Rank; axis++)
        {
            if (view.Axis(axis) is [{ Stride: 1 } factor] && stage.Features > 1)
            {
                return factor.Size;
            }
        }

        return 1;
    }

    // True if an axis has the same steps or sequences of both, or the features of both.
    private bool IsAligned((OnnxView View, Stage Stage) a, (OnnxView View, Stage Stage) b, int axis)
    {
        OnnxFactor[]? one = RowsOf(a.View.Axis(axis), a.Stage), other = RowsOf(b.View.Axis(axis), b.Stage);
        if (one is null || other is null)
        {
            // The features of both, or a single one.
            return (one is null || one.Length == 0) && (other is null || other.Length == 0);
        }

        if (a.Stage.IsAfterRecurrent == b.Stage.IsAfterRecurrent)
        {
            return one.AsSpan().SequenceEqual(other);
        }

        PortAxis[]? left = OnnxPorts.Roles(one, Parts(a.Stage)), right = OnnxPorts.Roles(other, Parts(b.Stage));
        return left is not null && right is not null && left.AsSpan().SequenceEqual(right);
    }

    private List<(PortAxis Role, OnnxFactor Factor)> Parts(Stage stage) => stage.IsAfterRecurrent
        ? [(PortAxis.Batch, new OnnxFactor(Batch, 1)), (PortAxis.Steps, new OnnxFactor(Steps, Batch))]
        : [(PortAxis.Batch, InputBatch), (PortAxis.Steps, InputSteps)];

    // The factors of an axis in rows; null if it is features.
    private static OnnxFactor[]? RowsOf(ReadOnlySpan<OnnxFactor> axis, Stage stage) =>
        stage.Features > 1 && axis is [{ Stride: 1 }]
            ? null
            : Array.ConvertAll(axis.ToArray(), factor => factor with { Stride = factor.Stride / stage.Features });

    // Makes layers of a formula of the rows of a stage.
    private void Emit(OnnxFormula formula, Stage below, Func<string, Exception> fail)
    {
        if (ReferenceEquals(formula, _made))
        {
            return;
        }

        if (ReferenceEquals(formula, OnnxFormula.Row))
        {
            throw fail("adds functions of one row in an order that no chain has, expected each to be added to what it is of");
        }

        switch (formula)
        {
            case OnnxFormula.Each or OnnxFormula.PerFeature:
                Stack<OnnxFormula> functions = [];
                while (formula is OnnxFormula.Each or OnnxFormula.PerFeature && !ReferenceEquals(formula, _made))
                {
                    functions.Push(formula);
                    formula = (formula as OnnxFormula.Each)?.Of ?? ((OnnxFormula.PerFeature)formula).Of;
                }

                Emit(formula, below, fail);
                Emit(functions);
                break;
            case OnnxFormula.Normalized normalized:
                Emit(normalized.Of, below, fail);
                Builder!.Add(
                    new NormalizationLayer(normalized.Kind) { Epsilon = normalized.Epsilon, Scale = false, Shift = false }, []);
                break;
            case OnnxFormula.Sum sum:
                Emit(sum, below, fail);
                break;
            case OnnxFormula.Named or OnnxFormula.Power or OnnxFormula.Mean or OnnxFormula.Product:
                throw fail(
                    $"ends a function of the features ({Text(formula)}) that is no activation or normalization of a layer, expected one of "
                    + "them");
        }
    }

    // x + f(x), where the rows x stay as they are, and x may be a function of the row itself.
    private void Emit(OnnxFormula.Sum sum, Stage below, Func<string, Exception> fail)
    {
        bool isRow = Linear(sum.One) is not null || Linear(sum.Other) is not null;
        OnnxFormula skipped = isRow ? (Linear(sum.One) is null ? sum.Other : sum.One)
            : Contains(sum.Other, sum.One) ? sum.One
            : Contains(sum.One, sum.Other) ? sum.Other
            : throw fail("adds two functions of one row, expected a function that is added to what it is of");
        if (_hasLengths || (isRow && below.Layers < 0))
        {
            throw fail("adds a function to a row within a layer or with sequence_lens, expected rows between layers, and whole sequences");
        }

        (double factor, ParameterSource? numbers) = Linear(skipped) ?? (1, null);
        (int kept, OnnxFormula made) = (_kept, _made);
        if (!isRow)
        {
            // The row itself may be in the other one.
            _kept = Math.Max(kept, below.Layers);
            Emit(skipped, below, fail);
        }

        int place = isRow ? below.Layers : Builder!.Count;
        (_kept, _made) = (place, isRow ? made : skipped);
        Emit(ReferenceEquals(skipped, sum.One) ? sum.Other : sum.One, below, fail);
        (_kept, _made) = (kept, made);
        if (Builder!.Count == place)
        {
            throw fail("adds a row to itself, expected a function that is added to the row");
        }

        AddSkip(place, below.Features, below.Features, below.Features, factor, numbers);
    }

    private static bool Contains(OnnxFormula formula, OnnxFormula part)
    {
        HashSet<OnnxFormula> seen = new(ReferenceEqualityComparer.Instance);
        return Find(formula);

        bool Find(OnnxFormula one) => ReferenceEquals(one, part) || (seen.Add(one) && one.Parts.Any(Find));
    }

    // Functions one after the other, the first on top. A product with one number before a tanh or after it makes a scaled tanh, which has
    // no operator of its own, and numbers of one row make one function.
    private void Emit(Stack<OnnxFormula> functions)
    {
        ActivationSpec? pending = null;
        foreach (OnnxFormula formula in functions)
        {
            if (formula is OnnxFormula.Each each)
            {
                ActivationSpec? both = pending is { } inner ? Joined(inner, each.Function) : null;
                Flush(both is null ? pending : null);
                pending = both ?? each.Function;
                continue;
            }

            var vector = (OnnxFormula.PerFeature)formula;
            if (pending is { Kind: ActivationKind.Affine } affine && vector is { Use: VectorUse.Shift, Single: { } number })
            {
                pending = affine with { Beta = affine.Beta + number };
                continue;
            }

            Flush(pending);
            pending = null;
            Builder!.AddVector(vector.Use, vector.Numbers, joins: Builder.Count > _kept);
        }

        Flush(pending);

        void Flush(ActivationSpec? activation)
        {
            // Numbers that are a part of an activation leave a factor of 1, but for their rounding.
            bool isIdentity = activation is { Kind: ActivationKind.Affine, Alpha: > 0.999999 and < 1.000001, Beta: 0 };
            if (activation is { } function && !isIdentity)
            {
                Builder!.Activate(function, joins: Builder.Count > _kept);
            }
        }
    }

    private static string Text(OnnxFormula formula) => formula switch
    {
        OnnxFormula.Named named => named.Name,
        OnnxFormula.Power => "a power",
        OnnxFormula.Mean => "a mean",
        _ => "a product",
    };

    private static ActivationSpec? Joined(ActivationSpec inner, ActivationSpec outer) => (inner, outer) switch
    {
        ({ Kind: ActivationKind.Affine }, { Kind: ActivationKind.Affine }) =>
            new(ActivationKind.Affine, inner.Alpha * outer.Alpha, (inner.Beta * outer.Alpha) + outer.Beta),
        ({ Kind: ActivationKind.Affine, Beta: 0 }, { Kind: ActivationKind.Tanh }) => new(ActivationKind.ScaledTanh, 1, inner.Alpha),
        ({ Kind: ActivationKind.Tanh }, { Kind: ActivationKind.Affine, Beta: 0 }) => new(ActivationKind.ScaledTanh, outer.Alpha, 1),
        ({ Kind: ActivationKind.ScaledTanh }, { Kind: ActivationKind.Affine, Beta: 0 }) => inner with { Alpha = inner.Alpha * outer.Alpha },
        _ => null,
    };
}
