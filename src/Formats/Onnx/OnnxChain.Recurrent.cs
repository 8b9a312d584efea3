using System.Diagnostics;
using SpanRnn.Formats.Model;
using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <content>RNN, GRU and LSTM.</content>
internal sealed partial class OnnxChain
{
    private static readonly string[] _attributes =
    [
        "activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "layout", "output_sequence",
    ];

    private static readonly ActivationKind[] _functions =
    [
        ActivationKind.Sigmoid, ActivationKind.Tanh, ActivationKind.Relu, ActivationKind.Affine, ActivationKind.LeakyRelu,
        ActivationKind.ThresholdedRelu, ActivationKind.ScaledTanh, ActivationKind.HardSigmoid, ActivationKind.Elu, ActivationKind.Softsign,
        ActivationKind.Softplus,
    ];

    private readonly List<RecurrentNode> _recurrent = [];
    private readonly List<StateUse> _states = [];
    private bool _hasLengths;

    /// <summary>The recurrent layers.</summary>
    public IReadOnlyList<RecurrentNode> RecurrentNodes => _recurrent;

    /// <summary>The initial states that are data.</summary>
    public IReadOnlyList<StateUse> States => _states;

    /// <summary>The input of the graph that holds the lengths of sequences, or null.</summary>
    public OnnxInput? LengthsInput { get; private set; }

    /// <summary>The lengths of sequences if they are constants, or null.</summary>
    public long[]? Lengths { get; private set; }

    /// <summary>True if the steps run to the end of the arrays, and lengths only say which of them is the last that counts.</summary>
    public bool PicksLastValid { get; private set; }

    /// <summary>Sizes of RNN, GRU and LSTM that must be equal.</summary>
    public static IEnumerable<(long One, long Other)> RecurrentSizes(OnnxNode node, OnnxValue?[] inputs)
    {
        if (inputs is not [{ View.Rank: 3 } x, { View.Rank: 3 } w, { View.Rank: 3 } r, ..])
        {
            yield break;
        }

        bool batchFirst = node.Int64("layout", 0) == 1;
        long batch = x.View.Size(batchFirst ? 0 : 1);
        yield return (x.View.Size(2), w.View.Size(2));
        if (Optional(inputs, 4) is { View.Rank: 1 } lengths)
        {
            yield return (lengths.View.Size(0), batch);
        }

        for (int i = 5; i <= 6; i++)
        {
            if (Optional(inputs, i) is { View.Rank: 3 } state)
            {
                yield return (state.View.Size(batchFirst ? 1 : 0), r.View.Size(0));
                yield return (state.View.Size(batchFirst ? 0 : 1), batch);
                yield return (state.View.Size(2), r.View.Size(2));
            }
        }
    }

    /// <summary>Lowers RNN, GRU or LSTM.</summary>
    public OnnxValue[] Recurrent(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        OnnxValue w = Required(node, inputs, 1);
        OnnxValue r = Required(node, inputs, 2);
        if (!x.IsData)
        {
            throw node.Fail("X is a constant, expected data");
        }

        if (x.View.Rank != 3 || w.View.Rank != 3 || r.View.Rank != 3)
        {
            throw node.Fail($"X, W and R have the shapes {x.View.Text}, {w.View.Text} and {r.View.Text}, expected three axes each");
        }

        RecurrentLayer layer = Describe(node, r, inputs);
        int directions = layer.DirectionCount;
        long rows = (layer.Cell == CellKind.Lstm ? 4L : layer.Gates) * layer.HiddenSize;
        ExpectShape(node, "R", r, directions, rows, layer.HiddenSize);
        ExpectShape(node, "W", w, directions, rows, w.View.Size(2));
        if (w.View.Count == 0)
        {
            throw node.Fail($"W has shape {w.View.Text}, expected at least one element");
        }

        bool batchFirst = Choice(node, "layout", 0);
        x = batchFirst ? x.With(x.View.Transpose([1, 0, 2])) : x;
        ExpectSize(node, "X", x, 2, w.View.Size(2));
        ExpectOwnStart(node, inputs);
        bool isReversed = IsReversed(x.View);
        x = isReversed ? x.With(Reversed(x.View)) : x;
        if (isReversed && (layer.Bidirectional || Optional(inputs, 4) is not null))
        {
            throw node.Fail(
                "X is in reverse and the layer runs both ways or has sequence_lens, expected one direction and whole sequences");
        }

        // Steps in reverse are those of a layer that runs in reverse.
        layer = layer with { Reverse = layer.Reverse != isReversed };
        EnterSteps(node, x);
        ReadLengths(node, inputs);

        Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> sources = [];
        AddWeights(node, inputs, layer, w, r, sources);
        layer = AddStates(node, inputs, layer, batchFirst, sources);
        Builder!.Add(layer, sources);
        return Outputs(x.Type, layer, batchFirst, isReversed);
    }

    // True if the first axis, the steps, goes from its end to its start.
    private static bool IsReversed(OnnxView view) => view.Axis(0) is [{ Stride: < 0 }];

    // The same elements with the first axis in the other order.
    private static OnnxView Reversed(OnnxView view)
    {
        OnnxFactor steps = view.Axis(0)[0];
        return OnnxView.Of(
            view.Offset + ((steps.Size - 1) * steps.Stride),
            [One(steps.Size, -steps.Stride), .. Enumerable.Range(1, view.Rank - 1).Select(i => view.Axis(i).ToArray())]);
    }

    private static bool Choice(OnnxNode node, string name, long otherwise) => node.Int64(name, otherwise) switch
    {
        0 => false,
        1 => true,
        var other => throw node.Fail($"{name} is {other}, expected 0 or 1"),
    };

    private RecurrentLayer Describe(OnnxNode node, OnnxValue r, OnnxValue?[] inputs)
    {
        (CellKind cell, string own) = node.Operator switch
        {
            "LSTM" => (CellKind.Lstm, "input_forget"),
            "GRU" => (Choice(node, "linear_before_reset", 0) ? CellKind.GruResetAfter : CellKind.GruResetBefore, "linear_before_reset"),
            _ => (CellKind.Elman, string.Empty),
        };
        foreach (string name in node.AttributeNames)
        {
            if (name != own && !_attributes.Contains(name))
            {
                throw node.Fail($"there is an attribute {ModelFormatException.Quote(name)}, expected only attributes of the standard");
            }
        }

        string direction = node.Attribute("direction")?.Text() ?? "forward";
        if (direction is not ("forward" or "reverse" or "bidirectional"))
        {
            throw node.Fail($"direction is {ModelFormatException.Quote(direction)}, expected forward, reverse or bidirectional");
        }

        // R has the size too.
        long size = node.Int64("hidden_size", r.View.Size(2));
        if (size < 1 || size > int.MaxValue / 8)
        {
            throw node.Fail($"hidden_size is {size}, expected 1 or more and less than 2^28");
        }

        float clip = node.Single("clip", float.PositiveInfinity);
        if (!(clip > 0))
        {
            throw node.Fail($"clip is {clip}, expected a number above 0");
        }

        bool bidirectional = direction == "bidirectional";
        LayerActivations[] activations = Activations(node, cell, bidirectional ? 2 : 1);
        return new RecurrentLayer(cell, (int)size)
        {
            Bidirectional = bidirectional,
            Reverse = direction == "reverse",
            Bias = Optional(inputs, 3) is not null,
            Activation = activations[0].Activation,
            GateActivation = activations[0].GateActivation,
            OutputActivation = activations[0].OutputActivation,
            ReverseActivations = bidirectional && activations[1] != activations[0] ? activations[1] : null,
            CoupledGates = cell == CellKind.Lstm && Choice(node, "input_forget", 0),
            Peepholes = cell == CellKind.Lstm && Optional(inputs, 7) is not null,
            Clip = float.IsFinite(clip) && clip < float.MaxValue ? Decimal(clip) : double.PositiveInfinity,
        };
    }

    // Each function that has an α or a β takes the next one from its list.
    private LayerActivations[] Activations(OnnxNode node, CellKind cell, int directions)
    {
        string[] usual = cell switch
        {
            CellKind.Lstm => ["Sigmoid", "Tanh", "Tanh"],
            CellKind.Elman => ["Tanh"],
            CellKind.GruResetAfter or CellKind.GruResetBefore => ["Sigmoid", "Tanh"],
            _ => throw new UnreachableException(),
        };
        List<string> names = node.Attribute("activations")?.Texts(Limits) ?? [];
        names = names.Count == 0 ? [.. Enumerable.Repeat(usual, directions).SelectMany(name => name)] : names;
        if (names.Count != usual.Length * directions)
        {
            throw node.Fail($"there are {names.Count} activations, expected {usual.Length} for each of {directions} directions");
        }

        Queue<float> alphas = new(node.Attribute("activation_alpha")?.Singles(Limits) ?? []);
        Queue<float> betas = new(node.Attribute("activation_beta")?.Singles(Limits) ?? []);
        ActivationSpec[] functions = [.. names.Select(name =>
        {
            int index = Array.FindIndex(_functions, function => function.ToString().Equals(name, StringComparison.OrdinalIgnoreCase));
            ActivationSpec function = index >= 0
                ? _functions[index]
                : throw node.Fail($"an activation is {ModelFormatException.Quote(name)}, expected an activation of the standard");
            bool complete = (!function.HasAlpha || alphas.Count > 0) && (!function.HasBeta || betas.Count > 0);
            if (!complete && function.Kind is (ActivationKind.Affine or ActivationKind.ScaledTanh or ActivationKind.ThresholdedRelu))
            {
                throw node.Fail(
                    $"the activation {function.Kind} has no activation_alpha or activation_beta, expected them: the standard does not "
                    + "define it without them, or ONNX Runtime computes it differently");
            }

            function = function with
            {
                Alpha = function.HasAlpha && alphas.TryDequeue(out float alpha) ? Decimal(alpha) : function.Alpha,
                Beta = function.HasBeta && betas.TryDequeue(out float beta) ? Decimal(beta) : function.Beta,
            };

            // The standard has no other name for the identity.
            return function is { Kind: ActivationKind.Affine, Alpha: 1, Beta: 0 } ? ActivationKind.Identity : function;
        })];
        if (alphas.Count + betas.Count > 0)
        {
            _unused.Add($"{node.Text}: {alphas.Count} of activation_alpha and {betas.Count} of activation_beta");
        }

        return [.. Enumerable.Range(0, directions).Select(direction => functions[(direction * usual.Length)..] switch
        {
            [var f, var g, var h, ..] when cell == CellKind.Lstm => new LayerActivations(g, f, h),
            [var f, ..] when cell == CellKind.Elman => new LayerActivations(f, ActivationKind.Sigmoid, ActivationKind.Tanh),
            [var f, var g, ..] => new LayerActivations(g, f, ActivationKind.Tanh),
            _ => default,
        })];
    }

    /// <summary>
    /// Takes X [T, B, I] of the current stage. The first recurrent layer determines which rows are steps and which are sequences.
    /// </summary>
    private void EnterSteps(OnnxNode node, OnnxValue x)
    {
        (OnnxView view, Stage stage) = Take(node, x, 2);
        if (stage.IsPerSequence)
        {
            throw node.Fail("X is one row for each sequence, expected all steps");
        }

        OnnxFactor[] steps = view.Axis(0).ToArray();
        OnnxFactor[] batch = view.Axis(1).ToArray();
        if (_recurrent.Count == 0)
        {
            if (steps.Length > 1 || batch.Length > 1)
            {
                throw node.Fail($"X of shape {x.View.Text} has steps or sequences from several axes of the input, expected one of each");
            }

            (Steps, Batch) = (view.Size(0), view.Size(1));
            InputSteps = steps is [var t] ? t with { Stride = t.Stride / stage.Features } : new OnnxFactor(1, 0);
            InputBatch = batch is [var b] ? b with { Stride = b.Stride / stage.Features } : new OnnxFactor(1, 0);
            return;
        }

        bool same = view.Size(0) == Steps && view.Size(1) == Batch
            && steps.All(factor => factor.Stride == Batch * stage.Features) && batch.All(factor => factor.Stride == stage.Features);
        if (!same)
        {
            throw node.Fail($"X of shape {x.View.Text} has other steps and sequences than the layers before, {Steps} and {Batch}");
        }
    }

    private void ReadLengths(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxInput? fed = null;
        long[]? set = null;
        if (Optional(inputs, 4) is { } lengths)
        {
            if (lengths.View.Rank != 1)
            {
                throw node.Fail($"sequence_lens has shape {lengths.View.Text}, expected [{Batch}]");
            }

            ExpectSize(node, "sequence_lens", lengths, 0, Batch);
            if (lengths.Type.IsReal())
            {
                throw node.Fail($"sequence_lens has the type {lengths.Type.Name()}, expected whole numbers");
            }

            if (lengths.IsData)
            {
                fed = SourceOf(lengths.View) is { Kind: SourceKind.Input } source && IsWhole(lengths.View, source)
                    ? _inputs[source.Number]
                    : throw node.Fail("sequence_lens is computed from data, expected an input of the graph or a constant");
            }
            else
            {
                set = lengths.Integers(Limits);
                if (Array.Exists(set, length => length < 0 || length > Steps))
                {
                    throw node.Fail($"sequence_lens is [{string.Join(", ", set.Take(16))}], expected lengths of 0 to {Steps}");
                }

                set = Array.TrueForAll(set, length => length == Steps) ? null : set;
            }
        }

        bool same = _recurrent.Count == 0 || (fed == LengthsInput
            && (set is null ? Lengths is null : Lengths is not null && set.AsSpan().SequenceEqual(Lengths)));
        if (!same)
        {
            throw node.Fail("sequence_lens differs from that of the recurrent layer before, expected the same for all layers");
        }

        (LengthsInput, Lengths) = (fed, set);
        _hasLengths = fed is not null || set is not null;
    }

    private void AddWeights(
        OnnxNode node,
        OnnxValue?[] inputs,
        RecurrentLayer layer,
        OnnxValue w,
        OnnxValue r,
        Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> sources)
    {
        int[] order = GateOrder.Onnx.Of(layer);
        int blocks = layer.Cell == CellKind.Lstm ? 4 : layer.Gates;
        int size = layer.HiddenSize;
        OnnxValue? bias = layer.Bias ? Required(node, inputs, 3) : null;
        OnnxValue? peepholes = layer.Peepholes ? Required(node, inputs, 7) : null;
        if (bias is not null)
        {
            ExpectShape(node, "B", bias, layer.DirectionCount, 2L * blocks * size);
        }

        if (peepholes is not null)
        {
            ExpectShape(node, "P", peepholes, layer.DirectionCount, 3L * size);
        }

        for (int d = 0; d < layer.DirectionCount; d++)
        {
            Direction direction = Walk(layer, d);
            Add(ParameterRole.InputWeights, "W", w, w.View.Slice(0, d, 1, 1)!.Remove(0), order, blocks);
            Add(ParameterRole.RecurrentWeights, "R", r, r.View.Slice(0, d, 1, 1)!.Remove(0), order, blocks);
            if (bias is not null)
            {
                OnnxValue both = Plain(bias.With(bias.View.Slice(0, d, 1, 1)!));
                long half = (long)blocks * size;
                Add(ParameterRole.InputBias, "B", both, both.View.Slice(1, 0, half, 1)!.Transpose([1, 0]), order, blocks);
                Add(ParameterRole.RecurrentBias, "B", both, both.View.Slice(1, half, half, 1)!.Transpose([1, 0]), order, blocks);
            }

            if (peepholes is not null)
            {
                OnnxValue own = Plain(peepholes.With(peepholes.View.Slice(0, d, 1, 1)!));
                Add(ParameterRole.Peepholes, "P", own, own.View.Reshape([3, size])!, GateOrder.OnnxPeepholes(layer), 3);
            }

            void Add(ParameterRole role, string what, OnnxValue tensor, OnnxView view, int[] gates, int count)
            {
                Real(node, what, tensor);
                sources.Add((direction, role), tensor.With(view).Source(Limits, gates, count));
            }
        }
    }

    // Makes the last axis one factor, so that any window of it is a view.
    private OnnxValue Plain(OnnxValue vector) => vector.View.Axis(1).Length > 1 ? vector.Copy(Limits) : vector;

    public static Direction Walk(RecurrentLayer layer, int index) => layer.Reverse || index == 1 ? Direction.Reverse : Direction.Forward;

    /// <summary>Reads the initial states. Data become ports, constants become parameters.</summary>
    private RecurrentLayer AddStates(
        OnnxNode node,
        OnnxValue?[] inputs,
        RecurrentLayer layer,
        bool batchFirst,
        Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> sources)
    {
        Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> starts = [];
        bool trainable = false;
        for (int kind = 0; kind < (layer.Cell == CellKind.Lstm ? 2 : 1); kind++)
        {
            string name = kind == 0 ? "initial_h" : "initial_c";
            ParameterRole role = kind == 0 ? ParameterRole.InitialHidden : ParameterRole.InitialCell;
            OnnxValue? value = Optional(inputs, 5 + kind);
            if (value is not null)
            {
                value = InitialState(node, name, value, layer, batchFirst);
            }

            for (int d = 0; d < layer.DirectionCount; d++)
            {
                ParameterSource? start = null;
                if (value is not null)
                {
                    OnnxValue own = value.With(value.View.Slice(0, d, 1, 1)!.Remove(0));
                    if (own.IsData)
                    {
                        _states.Add(new StateUse(node, Builder!.Count, Walk(layer, d), (StateKind)kind, own.View));
                    }
                    else
                    {
                        start = Start(node, name, own);
                    }
                }

                trainable |= start is not null;
                starts[(Walk(layer, d), role)] = start ?? ParameterSource.Zeros(1, layer.HiddenSize);
            }
        }

        if (trainable)
        {
            foreach (((Direction Direction, ParameterRole Role) key, ParameterSource source) in starts)
            {
                sources.Add(key, source);
            }
        }

        return layer with { TrainableInitialState = trainable };
    }

    // A decoder that starts from the states of an encoder is named so before its input is, which is another one.
    private void ExpectOwnStart(OnnxNode node, OnnxValue?[] inputs)
    {
        for (int i = 5; i <= 6; i++)
        {
            OnnxValue? start = Optional(inputs, i);
            bool isOwn = start is not { IsData: true } || start.View.Count == 0
                || SourceAt(start.View.Offset) is { Kind: SourceKind.Input };
            if (!isOwn)
            {
                throw ForeignStart(node);
            }
        }
    }

    public static ModelFormatException ForeignStart(OnnxNode node) =>
        node.Fail("its initial state is the output of another layer, expected a constant or an input of the graph");

    /// <summary>Checks an initial state and returns it as [D, B, H].</summary>
    private OnnxValue InitialState(OnnxNode node, string name, OnnxValue value, RecurrentLayer layer, bool batchFirst)
    {
        Real(node, name, value);
        if (value.View.Rank != 3)
        {
            throw node.Fail($"{name} has shape {value.View.Text}, expected three axes");
        }

        value = batchFirst ? value.With(value.View.Transpose([1, 0, 2])) : value;
        ExpectSize(node, name, value, 0, layer.DirectionCount);
        ExpectSize(node, name, value, 1, Batch);
        ExpectSize(node, name, value, 2, layer.HiddenSize);

        // A slice of a direction cannot cut through a factor, since the axis has at most two elements.
        return value;
    }

    // Reads a constant state [B, H] whose rows are all equal; null for zeros.
    private ParameterSource? Start(OnnxNode node, string name, OnnxValue value)
    {
        OnnxValue first = value.With(value.View.Slice(0, 0, 1, 1)!);
        double[] row = first.Reals(Limits);
        bool repeated = value.View.Axis(0).ToArray().All(factor => factor.Stride == 0);
        if (!repeated)
        {
            double[] all = value.Reals(Limits);
            for (int i = 0; i < all.Length; i++)
            {
                if (!all[i].Equals(row[i % row.Length]))
                {
                    throw node.Fail(
                        $"{name} is a constant with a different state for each sequence of the batch, "
                        + "expected one for all of them or an input of the graph");
                }
            }
        }

        return Array.TrueForAll(row, number => number == 0) ? null : first.Source(Limits);
    }

    private OnnxValue[] Outputs(OnnxType type, RecurrentLayer layer, bool batchFirst, bool isReversed)
    {
        (int d, int h) = (layer.DirectionCount, layer.HiddenSize);
        long features = (long)d * h;
        int number = _recurrent.Count;
        _recurrent.Add(new RecurrentNode(layer, _stages.Count, Builder!.Count - 1));
        Stage stage = AddStage(SourceKind.Steps, features, checked(Steps * Batch));
        _ = AddSource(SourceKind.Hidden, number, Batch * features);
        OnnxFactor[] steps = One(Steps, Batch * features), batch = One(Batch, features), directions = One(d, h), units = One(h, 1);
        var y = OnnxView.Of(stage.Source.Base, [steps, directions, batch, units]);
        y = isReversed && Steps > 1 ? Reversed(y) : y;
        y = batchFirst ? y.Transpose([2, 0, 1, 3]) : y;
        List<OnnxValue> outputs = [OnnxValue.Data(type, y), OnnxValue.Data(type, State(SourceKind.Hidden))];
        if (layer.Cell == CellKind.Lstm)
        {
            _ = AddSource(SourceKind.Cell, number, Batch * features);
            outputs.Add(OnnxValue.Data(type, State(SourceKind.Cell)));
        }

        return [.. outputs];

        OnnxView State(SourceKind kind) => OnnxView.Of(
            Base(kind, number), batchFirst ? [batch, directions, units] : [directions, batch, units]);
    }

    /// <summary>A recurrent layer of the graph.</summary>
    /// <param name="Spec">The layer.</param>
    /// <param name="Stage">Number of the stage of its output.</param>
    /// <param name="Layer">Its index in the chain, without poolings that came later.</param>
    public sealed record RecurrentNode(RecurrentLayer Spec, int Stage, int Layer);

    /// <summary>A state of a layer that is data [B, H].</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Layer">Index of the layer in the chain.</param>
    /// <param name="Direction">Its direction.</param>
    /// <param name="Kind">h or c.</param>
    /// <param name="View">The elements.</param>
    public sealed record StateUse(OnnxNode Node, int Layer, Direction Direction, StateKind Kind, OnnxView View);
}
