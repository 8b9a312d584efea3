using System.Globalization;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <content>Layers that look at one step at a time: dense, embedding, activations, softmax. Also the chain of all layers.</content>
internal sealed partial class OnnxLowering
{
    // Input of the first layer: an input of the graph, its axes of rows and its axis of features.
    private OnnxView? _rows;
    private OnnxFactor[] _featureAxis = [];
    private OnnxInput? _input;
    private bool _isSymbols;

    private readonly List<OnnxView> _padded = [];
    private bool _isSkipped;
    private LayerSpec _readout = new FinalStateLayer();
    private NetworkBuilder? _builder;

    // Not in the builder yet: a matrix that a bias may follow, and an activation that may become part of another.
    private ParameterSource? _weights;
    private ActivationSpec? _activation;
    private int _stage = -1;
    private long _features;
    private long _steps;
    private long _batch;

    private OnnxValue[]? Layer(OnnxNode node, OnnxValue?[] inputs)
    {
        if (!Array.Exists(inputs, value => value is { IsData: true }))
        {
            return null;
        }

        switch (node.Operator)
        {
            case "Gemm":
                return [Gemm(node, inputs)];
            case "MatMul":
                return [Dense(node, Required(node, inputs, 0), Constant(node, inputs, 1, "the matrix"), 1)];
            case "Add" or "Sub" or "Mul" or "Div":
                return [Affine(node, inputs)];
            case "Gather":
                return [Embedding(node, inputs)];
            case "Pad":
                return [Pad(node, inputs)];
            case "Softmax" or "LogSoftmax":
                return [Softmax(node, Required(node, inputs, 0))];
            default:
                return ActivationOf(node) is { } activation ? [Activate(node, Required(node, inputs, 0), activation)] : null;
        }
    }

    private static ActivationSpec? ActivationOf(OnnxNode node) => node.Operator switch
    {
        "Sigmoid" => ActivationKind.Sigmoid,
        "Tanh" => ActivationKind.Tanh,
        "Relu" => ActivationKind.Relu,
        "Softsign" => ActivationKind.Softsign,
        "Softplus" => ActivationKind.Softplus,
        "LeakyRelu" => new ActivationSpec(ActivationKind.LeakyRelu, Number(node, "alpha", 0.01f), 0),
        "Elu" => new ActivationSpec(ActivationKind.Elu, Number(node, "alpha", 1), 0),
        "ThresholdedRelu" => new ActivationSpec(ActivationKind.ThresholdedRelu, Number(node, "alpha", 1), 0),
        "HardSigmoid" => new ActivationSpec(ActivationKind.HardSigmoid, Number(node, "alpha", 0.2f), Number(node, "beta", 0.5f)),
        _ => null,
    };

    // 0.2f means 0.2.
    private static double Decimal(float number) =>
        double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static double Number(OnnxNode node, string name, float otherwise) => Decimal(node.Single(name, otherwise));

    private OnnxValue Gemm(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue a = Required(node, inputs, 0);
        OnnxValue b = Constant(node, inputs, 1, "the matrix");
        if (a.View.Rank != 2 || b.View.Rank != 2)
        {
            throw node.Fail($"the matrices have the shapes {a.View.Text} and {b.View.Text}, expected two axes each");
        }

        a = node.Int64("transA", 0) != 0 ? a.With(a.View.Transpose([1, 0])) : a;
        b = node.Int64("transB", 0) != 0 ? b.With(b.View.Transpose([1, 0])) : b;
        OnnxValue product = Dense(node, a, b, node.Single("alpha", 1));
        float beta = node.Single("beta", 1);
        return Optional(inputs, 2) is null || beta == 0
            ? product
            : AddBias(node, product, Scaled(Constant(node, inputs, 2, "the bias"), beta));
    }

    private OnnxValue Scaled(OnnxValue value, float factor) => factor == 1
        ? value
        : OnnxValue.Of(value.Type, value.Shape, Array.ConvertAll(value.Reals(Limits), number => number * factor));

    private OnnxValue Dense(OnnxNode node, OnnxValue x, OnnxValue matrix, float alpha)
    {
        Real(node, "the matrix", matrix);
        if (matrix.View.Rank != 2 || x.View.Rank < 1 || matrix.View.Count == 0)
        {
            throw node.Fail($"the operands have the shapes {x.View.Text} and {matrix.View.Text}, expected data and a matrix of two axes");
        }

        ExpectSize(node, "the data", x, x.View.Rank - 1, matrix.View.Size(0));
        (OnnxView rows, bool final) = Take(node, x, x.View.Rank - 1);
        OnnxValue weights = Scaled(matrix.With(matrix.View.Transpose([1, 0])), alpha);
        _weights = weights.Source(Limits);
        return Advance(x.Type, rows, final, matrix.View.Size(1));
    }

    /// <summary>Lowers a sum or product of data and a constant.</summary>
    private OnnxValue Affine(OnnxNode node, OnnxValue?[] inputs)
    {
        if (inputs.Length != 2)
        {
            throw node.Fail($"there are {inputs.Length} inputs, expected two");
        }

        if (inputs[0] is { IsData: true } one && inputs[1] is { IsData: true } other && !IsGiven(other))
        {
            if (node.Operator == "Add" && (Skip(one, other) ?? Skip(other, one)) is { } sum)
            {
                return sum;
            }

            throw node.Fail(
                "joins two branches of the data, expected a chain of layers, of which the last may be added to the first features of the "
                + "input");
        }

        int data = inputs[0] is { IsData: true } && !IsGiven(inputs[0]!) ? 0 : 1;
        OnnxValue x = Required(node, inputs, data);
        OnnxValue constant = Constant(node, inputs, 1 - data, "the other operand");
        Real(node, "the constant", constant);
        if (node.Operator == "Add")
        {
            return AddBias(node, x, constant);
        }

        if (node.Operator == "Sub" && data == 0)
        {
            return AddBias(node, x, Scaled(constant, -1));
        }

        double factor = constant.View.Count == 1 ? Scalar(constant) : double.NaN;
        factor = node.Operator == "Div" ? 1 / factor : factor;
        bool supported = double.IsFinite(factor) && constant.View.Rank <= x.View.Rank
            && (node.Operator == "Mul" || (node.Operator == "Div" && data == 0));
        return supported
            ? Activate(node, x, new ActivationSpec(ActivationKind.Affine, factor, 0))
            : throw node.Fail(
                $"computes on data and a constant of shape {constant.View.Text}, "
                + "expected the addition of a vector of biases, or a multiplication or division by one number");
    }

    private double Scalar(OnnxValue constant) =>
        constant.Reals(Limits)[0] is var number && constant.Type == OnnxType.Float ? Decimal((float)number) : number;

    private bool IsGiven(OnnxValue value) => _stage >= 0 && SourceOf(value.View) is { } source && IsGiven(source);

    // True if an array is given for an input, which may then be a constant. The input of the layers is never one.
    private bool IsGiven(Source source) => source.Kind == SourceKind.Input
        && _inputs[source.Number] != _input && _context.Given.ContainsKey(_inputs[source.Number].Name);

    // Appends zeros to the features, as a sum of an output with fewer features needs.
    private OnnxValue Pad(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        long[] pads = Parameter(node, inputs, 1, "pads") ?? [];
        int rank = x.View.Rank;
        bool isZero = (node.Attribute("mode")?.Text() ?? "constant") == "constant" && Optional(inputs, 3) is null
            && (Optional(inputs, 2) is not { } value || (!value.IsData && Array.TrueForAll(value.Reals(Limits), number => number == 0)));
        if (!isZero || pads.Length != 2 * rank || Array.Exists(pads[..^1], pad => pad != 0) || pads[^1] < 0)
        {
            throw node.Fail($"pads data of shape {x.View.Text} by [{string.Join(", ", pads)}], expected zeros after the last axis only");
        }

        long[] shape = x.Shape;
        shape[^1] += pads[^1];
        long count = Count(shape, node.Fail);
        AddSource(SourceKind.Padded, _padded.Count, count);
        var view = OnnxView.RowMajor(Base(Index(SourceKind.Padded, _padded.Count)), shape);
        _padded.Add(x.View);
        return OnnxValue.Data(x.Type, view);
    }

    /// <summary>Lowers the sum of y and the first features of the input, on every step; null for any other sum.</summary>
    private OnnxValue? Skip(OnnxValue y, OnnxValue x)
    {
        if (_recurrent.Count == 0 || _isSymbols || _hasLengths || _featureAxis.Length > 1 || !y.Shape.AsSpan().SequenceEqual(x.Shape))
        {
            return null;
        }

        OnnxView added = SourceOf(x.View) is { Kind: SourceKind.Padded } source && IsWhole(x.View, source)
            ? x.View.Offset == source.Base && OnnxView.RowMajor(source.Base, x.Shape).Factors.AsSpan().SequenceEqual(x.View.Factors)
                ? _padded[source.Number]
                : x.View
            : x.View;
        if (SourceOf(added) is not { Kind: SourceKind.Input } input || _inputs[input.Number] != _input || added.Offset != input.Base
            || SourceOf(y.View) is not { Kind: SourceKind.Steps } top || top.Number != _stage || !IsWhole(y.View, top))
        {
            return null;
        }

        // The same steps and sequences on the same axes, and the first features of each.
        int last = y.View.Rank - 1;
        List<(PortAxis Role, OnnxFactor Factor)> parts =
        [
            (PortAxis.Batch, new OnnxFactor(_batch, _features)),
            (PortAxis.Steps, new OnnxFactor(_steps, _batch * _features)),
        ];
        for (int i = 0; i < last; i++)
        {
            PortAxis[]? roles = Roles(y.View.Axis(i), parts);
            OnnxFactor[] expected = roles is null
                ? [default]
                : OnnxView.Merge(roles.SelectMany(role => Composed(role == PortAxis.Steps ? _inputSteps : _inputBatch)));
            if (!expected.AsSpan().SequenceEqual(added.Axis(i)))
            {
                return null;
            }
        }

        long count = added.Size(last);
        long stride = _featureAxis is [var features] ? features.Stride : 1;
        if (count > FeaturesIn || (count > 1 && !added.Axis(last).SequenceEqual([new OnnxFactor(count, stride)])))
        {
            return null;
        }

        if (_isSkipped || _builder!.IsPerSequence)
        {
            return null;
        }

        Flush();
        _builder.AddSkip((int)count);
        _isSkipped = true;
        return Advance(y.Type, y.View, false, _features);
    }

    private OnnxValue AddBias(OnnxNode node, OnnxValue x, OnnxValue constant)
    {
        Real(node, "the bias", constant);
        long[] shape = Broadcast(node, x.Shape, constant.Shape);
        OnnxValue wide = Broadcast(node, x, shape);
        OnnxView bias = Broadcast(node, constant, shape).View;
        bool perFeature = wide.View.Count == x.View.Count && shape.Length > 0
            && Enumerable.Range(0, shape.Length - 1).All(axis => bias.Axis(axis).ToArray().All(factor => factor.Stride == 0));
        if (!perFeature)
        {
            throw node.Fail(
                $"adds a constant of shape {constant.View.Text} to data of shape {x.View.Text}, expected one number for each feature");
        }

        (OnnxView rows, bool final) = Take(node, wide, shape.Length - 1, keepPending: true);
        if (_activation is { Kind: ActivationKind.Affine } affine && constant.View.Count == 1)
        {
            _activation = affine with { Beta = affine.Beta + Scalar(constant) };
            return Advance(x.Type, rows, final, _features);
        }

        if (_activation is not null)
        {
            Flush();
        }

        ParameterSource source = constant.With(OnnxView.Of(bias.Offset, [bias.Axis(shape.Length - 1).ToArray(), []])).Source(Limits);
        if (_weights is null)
        {
            _builder!.AddShift(source);
        }
        else
        {
            _builder!.AddDense(_weights, source);
            _weights = null;
        }

        return Advance(x.Type, rows, final, _features);
    }

    private OnnxValue Activate(OnnxNode node, OnnxValue x, ActivationSpec activation)
    {
        Real(node, "the data", x);
        (OnnxView rows, bool final) = Take(node, x, int.MaxValue, keepPending: true);
        if (_activation is { } before && Joined(before, activation) is { } both)
        {
            _activation = both;
        }
        else
        {
            Flush();
            _activation = activation;
        }

        return Advance(x.Type, rows, final, _features);
    }

    // A product with one number before a tanh or after it makes a scaled tanh, which has no operator of its own.
    private static ActivationSpec? Joined(ActivationSpec inner, ActivationSpec outer) => (inner, outer) switch
    {
        ({ Kind: ActivationKind.Affine }, { Kind: ActivationKind.Affine }) =>
            new(ActivationKind.Affine, inner.Alpha * outer.Alpha, (inner.Beta * outer.Alpha) + outer.Beta),
        ({ Kind: ActivationKind.Affine, Beta: 0 }, { Kind: ActivationKind.Tanh }) => new(ActivationKind.ScaledTanh, 1, inner.Alpha),
        ({ Kind: ActivationKind.Tanh }, { Kind: ActivationKind.Affine, Beta: 0 }) => new(ActivationKind.ScaledTanh, outer.Alpha, 1),
        ({ Kind: ActivationKind.ScaledTanh }, { Kind: ActivationKind.Affine, Beta: 0 }) => inner with { Alpha = inner.Alpha * outer.Alpha },
        _ => null,
    };

    private OnnxValue Softmax(OnnxNode node, OnnxValue x)
    {
        // Before opset 13, all axes from this one on are joined.
        bool joined = Opset < 13;
        int rank = x.View.Rank;
        int axis = Axis(node, node.Int64("axis", joined ? 1 : -1), rank);
        OnnxValue turned = x;
        int first = axis;
        if (!joined && axis != rank - 1)
        {
            int[] order = [.. Enumerable.Range(0, rank).Where(i => i != axis), axis];
            turned = x.With(x.View.Transpose(order));
            first = rank - 1;
        }

        // The view that goes on has the axes of x in their order, whichever axis was moved to the end.
        (OnnxView rows, bool final) = Take(node, turned, first);
        if (!joined && axis != rank - 1)
        {
            int[] back = [.. Enumerable.Range(0, axis), rank - 1, .. Enumerable.Range(axis, rank - 1 - axis)];
            rows = rows.Transpose(back);
        }

        Build(() =>
        {
            _builder!.Normalize(node.Operator == "Softmax" ? Normalization.Softmax : Normalization.LogSoftmax);
            return true;
        });
        return Advance(x.Type, rows, final, _features);
    }

    private OnnxValue Embedding(OnnxNode node, OnnxValue?[] inputs)
    {
        (OnnxValue table, OnnxValue symbols) = (Required(node, inputs, 0), Required(node, inputs, 1));
        Real(node, "the table", table);
        bool isFirst = _stage < 0 && SourceOf(symbols.View) is { Kind: SourceKind.Input } source && IsWhole(symbols.View, source);
        if (table.View.Rank != 2 || Axis(node, node.Int64("axis", 0), 2) != 0 || !isFirst || table.View.Count == 0)
        {
            throw node.Fail(
                $"looks up data of shape {symbols.View.Text} in a table of shape {table.View.Text}, "
                + "expected an embedding, the first layer: rows of a matrix by a whole input of the graph");
        }

        _input = _inputs[SourceOf(symbols.View)!.Number];
        _isSymbols = true;
        _rows = symbols.View;
        _builder = new NetworkBuilder(table.Source(Limits));
        _features = table.View.Size(1);
        AddStage(SourceKind.Steps, symbols.View.Count * _features);
        var flat = OnnxView.RowMajor(Base(Index(SourceKind.Steps, _stage)), [.. symbols.Shape, _features]);
        return OnnxValue.Data(table.Type, flat);
    }

    private static void Real(OnnxNode node, string what, OnnxValue value)
    {
        if (!value.Type.IsReal())
        {
            throw node.Fail($"{what} has the type {value.Type.Name()}, expected real numbers");
        }
    }

    /// <summary>Takes the outputs of the chain so far as the input of the next layer.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="value">The input.</param>
    /// <param name="firstFeature">
    /// The first axis of the features, which are all axes from there on; <see cref="int.MaxValue"/> if the layer does not depend on it.
    /// </param>
    /// <param name="keepPending">True to leave out of the builder the parts that are not in it yet.</param>
    /// <returns>The elements by the numbers of the source, and true if there is one row for each sequence.</returns>
    private (OnnxView View, bool Final) Take(OnnxNode node, OnnxValue value, int firstFeature, bool keepPending = false)
    {
        if (_isSkipped)
        {
            throw node.Fail("follows a sum with the input, expected no layer after it");
        }

        OnnxView view = SideBySide(value.View, firstFeature) ?? value.View;
        Source? source = SourceOf(view)
            ?? throw node.Fail("takes parts of different layers or inputs, expected the whole output of one layer");
        if (source.Kind == SourceKind.Input)
        {
            (view, source) = Enter(node, value, firstFeature, source);
        }

        if (source.Kind == SourceKind.Steps && !IsWhole(view, source) && Last(view, node.Fail) is { } last)
        {
            (view, source) = (last, SourceOf(last)!);
        }
        else if (source.Kind == SourceKind.Hidden)
        {
            _readout = new FinalStateLayer();
        }

        bool final = source.Kind is SourceKind.Final or SourceKind.Hidden;
        bool current = source.Kind is SourceKind.Hidden ? IsPerSequence(source) : source.Number == _stage && source.Kind != SourceKind.Cell;
        if (!current || (_builder!.IsPerSequence && !final))
        {
            throw node.Fail(
                $"takes {Text(source)}, which another layer reads already, expected a chain of layers without branches");
        }

        bool whole = IsWhole(view, source);
        if (whole && firstFeature < view.Rank)
        {
            OnnxFactor[] features = OnnxView.Merge(
                Enumerable.Range(firstFeature, view.Rank - firstFeature).SelectMany(i => view.Axis(i).ToArray()));
            whole = _features == 1 ? features.Length == 0 : features is [{ Stride: 1 } all] && all.Size == _features;
        }

        if (!whole)
        {
            throw node.Fail(
                $"takes {value.View.Text} of {Text(source)}, expected all of its {_features} features"
                + (firstFeature < view.Rank ? " on the last axis" : string.Empty) + ", of every step or of the last one");
        }

        if (!keepPending)
        {
            Flush();
        }

        if (final)
        {
            _builder.Pool(_readout);
        }

        return (view, final);
    }

    // Puts the pending parts into the builder: a matrix without a bias, or an activation that is not part of another.
    private void Flush()
    {
        if (_weights is not null)
        {
            _builder!.AddDense(_weights, null);
            _weights = null;
        }

        if (_activation is { } activation)
        {
            // The activation may be a layer of its own.
            Build(() =>
            {
                _builder!.Activate(activation);
                return true;
            });
            _activation = null;
        }
    }

    private bool IsPerSequence(Source hidden) => hidden.Number == _recurrent.Count - 1 && _recurrent[^1].Stage == _stage;

    private string Text(Source source) => source.Kind switch
    {
        SourceKind.Input => $"input {ModelFormatException.Quote(_inputs[source.Number].Name)}",
        SourceKind.Steps => $"the steps of {(source.Number == _stage ? "the last layer" : "an earlier layer")}",
        SourceKind.Padded => "padded data",
        SourceKind.Final => $"the last step of {(source.Number == _stage ? "the last layer" : "an earlier layer")}",
        SourceKind.Hidden => $"the final h of recurrent layer {source.Number}",
        _ => $"the final c of recurrent layer {source.Number}",
    };

    /// <summary>Enters the first layer. The last axes are its features, all others its rows.</summary>
    private (OnnxView View, Source Source) Enter(OnnxNode node, OnnxValue value, int firstFeature, Source input)
    {
        OnnxView view = value.View;
        int first = Math.Min(firstFeature, view.Rank - 1);
        if (_stage >= 0)
        {
            throw node.Fail($"takes {Text(input)}, but the layers already read '{_input!.Name}', expected one input");
        }

        if (view.Rank < 1 || !IsWhole(view, input))
        {
            throw node.Fail($"takes {value.View.Text} of {Text(input)}, expected all of it");
        }

        Real(node, "the data", value);
        long[] shape = view.Shape;
        _featureAxis = OnnxView.Merge(Enumerable.Range(first, view.Rank - first).SelectMany(i => view.Axis(i).ToArray()));
        _features = shape[first..].Aggregate(1L, (product, size) => product * size);
        _input = _inputs[input.Number];
        _rows = OnnxView.Of(view.Offset, Enumerable.Range(0, first).Select(i => view.Axis(i).ToArray()));
        if (_features > int.MaxValue)
        {
            throw node.Fail($"the data has {_features} features, expected fewer");
        }

        _builder = new NetworkBuilder((int)_features);
        AddStage(SourceKind.Steps, view.Count);
        long start = Base(Index(SourceKind.Steps, _stage));
        return (OnnxView.RowMajor(start, shape), _sources[Index(SourceKind.Steps, _stage)]);
    }

    private void AddStage(SourceKind kind, long count)
    {
        _stage++;
        AddSource(kind, _stage, count);
    }

    private void AddSource(SourceKind kind, int number, long count)
    {
        if (count > OnnxLimits.Elements)
        {
            throw _context.Fail($"a layer has {count} outputs, expected at most 2^38");
        }

        long index = Index(kind, number);
        _sources.Add(index, new Source(kind, number, Base(index), count));
    }

    /// <summary>Output of a layer on single rows: the same rows with other features.</summary>
    private OnnxValue Advance(OnnxType type, OnnxView view, bool final, long features)
    {
        SourceKind kind = final ? SourceKind.Final : SourceKind.Steps;
        long rows = view.Count / _features;
        AddStage(kind, rows * features);
        long start = Base(Index(kind, _stage));
        List<OnnxFactor[]> axes = [];
        for (int i = 0; i < view.Rank; i++)
        {
            // If the number of features changes, they are the last axis.
            axes.Add(
                features == _features ? view.Axis(i).ToArray()
                : i == view.Rank - 1 ? One(features, 1)
                : Array.ConvertAll(view.Axis(i).ToArray(), factor => factor with { Stride = factor.Stride / _features * features }));
        }

        _features = features;
        return OnnxValue.Data(type, OnnxView.Of(start, axes));
    }

    /// <summary>
    /// Makes a view of the last step a source of its own; null for any other view. The final state of a forward layer is step T − 1, of a
    /// reverse layer step 0, and of a bidirectional layer a half of each. For all else the last step is step T − 1.
    /// </summary>
    private OnnxView? Last(OnnxView view, Func<string, ModelFormatException> fail)
    {
        if (_recurrent.Count == 0 || SourceOf(view) is not { } source || source.Number != _stage)
        {
            return null;
        }

        RecurrentNode top = _recurrent[^1];
        long row = _batch * _features;
        long end = (_steps - 1) * row;
        long offset = view.Offset - source.Base;
        List<OnnxFactor[]> axes = [.. Enumerable.Range(0, view.Rank).Select(i => view.Axis(i).ToArray())];
        bool isLast = offset >= end;
        bool isState = top.Spec.Bidirectional ? top.Stage == _stage && Halves(axes, top.Spec.HiddenSize, end) : top.Spec.Reverse != isLast;
        offset -= isLast ? end : 0;
        SourceKind kind = top.Stage == _stage && isState ? SourceKind.Hidden : SourceKind.Final;
        long index = Index(kind, kind == SourceKind.Hidden ? _recurrent.Count - 1 : _stage);
        var moved = OnnxView.Of(Base(index) + offset, axes);
        (long lowest, long highest) = moved.Range;
        if (lowest < Base(index) || highest >= Base(index) + row)
        {
            return null;
        }

        if (_hasLengths)
        {
            throw fail($"takes step {(isLast ? _steps - 1 : 0)} of sequences that have sequence_lens, expected Y_h, their final states");
        }

        if (!isLast && !isState)
        {
            throw fail("takes the first step of a layer that runs forward, expected the last one or final states");
        }

        _readout = isState ? new FinalStateLayer() : new PoolLayer(Pooling.Last);
        if (!_sources.ContainsKey(index))
        {
            AddSource(kind, _stage, row);
        }

        return moved;
    }

    /// <summary>
    /// Makes final states side by side, h and c of the top layer or the states of all layers, a source of their own; null for any other
    /// view.
    /// </summary>
    private OnnxView? SideBySide(OnnxView view, int firstFeature)
    {
        int last = view.Rank - 1;
        if (_recurrent is not [.., var top] || top.Stage != _stage || last < 0 || firstFeature < last || SourceOf(view) is not null)
        {
            return null;
        }

        // The sequences may be on any axis in front.
        long size = top.Spec.OutputSize;
        List<OnnxFactor[]> axes = [.. Enumerable.Range(0, last).Select(axis => view.Axis(axis).ToArray())];
        bool hasRows = OnnxView.Merge(axes.SelectMany(axis => axis)).AsSpan().SequenceEqual(OnnxView.Merge(One(_batch, size)));
        foreach ((bool all, bool cells) in new[] { (false, true), (true, false), (true, true) })
        {
            int lowest = all ? 0 : _recurrent.Count - 1;
            int layers = _recurrent.Count - lowest;
            var kinds = new OnnxFactor(cells ? 2 : 1, Base(Index(SourceKind.Cell, 0)) - Base(Index(SourceKind.Hidden, 0)));
            OnnxFactor[] expected = OnnxView.Merge([kinds, new OnnxFactor(layers, Base(1)), new OnnxFactor(size, 1)]);
            bool isReadout = hasRows && view.Offset == Base(Index(SourceKind.Hidden, lowest)) && view.Axis(last).SequenceEqual(expected)
                && _recurrent.Skip(lowest).All(layer => layer.Spec.OutputSize == size);
            if (isReadout)
            {
                _features = kinds.Size * layers * size;
                _readout = new FinalStateLayer { AllLayers = all, Cells = cells };
                long index = Index(SourceKind.Final, _stage);
                if (!_sources.ContainsKey(index))
                {
                    AddSource(SourceKind.Final, _stage, _batch * _features);
                }

                axes = axes.ConvertAll(axis => Array.ConvertAll(axis, factor => factor with { Stride = _features }));
                return OnnxView.Of(Base(index), [.. axes, One(_features, 1)]);
            }
        }

        return null;
    }

    // h of the forward direction is at the end, h of the reverse direction at the start: their factor becomes the factor of a state.
    private static bool Halves(List<OnnxFactor[]> axes, long size, long end)
    {
        foreach (OnnxFactor[] axis in axes)
        {
            int found = Array.IndexOf(axis, new OnnxFactor(2, size - end));
            if (found >= 0)
            {
                axis[found] = new OnnxFactor(2, size);
                return true;
            }
        }

        return false;
    }
}
