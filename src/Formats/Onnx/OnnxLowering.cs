using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// One pass over a graph: it goes through the nodes once and looks up what to do with each operator. <see cref="OnnxFolding"/> has the
/// values and computes constants, <see cref="OnnxChain"/> makes layers of the nodes that compute on data, and <see cref="OnnxPorts"/>
/// describes the inputs and outputs.
/// </summary>
internal sealed class OnnxLowering
{
    private readonly OnnxContext _context;
    private readonly OnnxFolding _folding;
    private readonly OnnxChain _chain;
    private readonly List<string> _unused = [];
    private readonly Dictionary<string, OnnxOperator> _operators;

    private OnnxLowering(OnnxContext context)
    {
        _context = context;
        _folding = new OnnxFolding(context);
        _chain = new OnnxChain(context, _unused);
        _operators = Operators();
    }

    private OnnxLimits Limits => _context.Limits;

    /// <summary>Finds the network of the graph; null if the context has learned what another pass needs.</summary>
    public static OnnxNetwork? Run(OnnxContext context)
    {
        var pass = new OnnxLowering(context);
        OnnxParsedGraph graph = context.Model.Graph;
        bool[] needed = pass._folding.Needed(graph);
        pass.AddInputs(graph);
        return pass.RunNodes(graph, needed) ? new OnnxPorts(context, pass._folding, pass._chain, pass._unused).Finish(graph) : null;
    }

    private static OnnxOperator Moving(Func<OnnxNode, OnnxValue?[], OnnxValue> move, params (int Input, string What)[] constants) =>
        new() { Move = (node, inputs) => [move(node, inputs)], Constants = _ => constants };

    private static OnnxOperator Computing(Func<OnnxNode, OnnxValue?[], OnnxValue> fold) => new()
    {
        Fold = (node, inputs) => [fold(node, inputs)],
        Constants = inputs => [.. Enumerable.Range(0, inputs.Length).Select(i => (i, $"input {i}"))],
        Sizes = (_, inputs) => Broadcasts(Shapes(inputs)),
    };

    // On constants an operator of numbers, on data one of layers.
    private static OnnxOperator Both(
        Func<OnnxNode, OnnxValue?[], OnnxValue> fold, Func<OnnxNode, OnnxValue?[], OnnxValue>? lower) =>
        new()
        {
            Fold = (node, inputs) => [fold(node, inputs)],
            Lower = lower is null ? null : (node, inputs) => [lower(node, inputs)],
        };

    private static OnnxOperator Lowering(
        Func<OnnxNode, OnnxValue?[], OnnxValue> lower, params (int Input, string What)[] constants) =>
        new() { Lower = (node, inputs) => [lower(node, inputs)], Constants = _ => constants };

    private static IEnumerable<long[]> Shapes(OnnxValue?[] inputs) => inputs.Select(input => input?.Shape ?? []);

    // Sizes that broadcasting makes equal: neither is 1.
    private static IEnumerable<(long One, long Other)> Broadcasts(IEnumerable<long[]> shapes)
    {
        long[] shape = [];
        foreach (long[] next in shapes)
        {
            long[] wide = [.. next.Length > shape.Length ? next : shape];
            for (int i = 1; i <= Math.Min(shape.Length, next.Length); i++)
            {
                if (shape[^i] != 1 && next[^i] != 1)
                {
                    yield return (shape[^i], next[^i]);
                }

                wide[^i] = Math.Max(shape[^i], next[^i]);
            }

            shape = wide;
        }
    }

    private static ModelFormatException Unknown(OnnxNode node, OnnxValue?[] inputs) => node.Fail(
        Array.Exists(inputs, value => value is { IsData: true })
            ? "the operator is not supported on data, expected layers that a chain has, and operators that move elements"
            : "the operator is not supported on constants");

    // An operator that nothing is known of is the reason for a refusal, whatever is in front of it.
    private void CheckKnown(OnnxParsedGraph graph, bool[] needed)
    {
        for (int i = 0; i < needed.Length; i++)
        {
            OnnxNode node = graph.Nodes[i];
            if (!needed[i] || _operators.ContainsKey(node.Operator) || node.Operator == "If")
            {
                continue;
            }

            throw node.Fail(node switch
            {
                _ when !OnnxFile.IsStandard(node.Domain) =>
                    $"the operator has the domain {ModelFormatException.Quote(node.Domain)}, expected a standard operator",
                { Operator: "Loop" or "Scan" or "SequenceMap" } => "is a loop, expected a graph without loops",
                _ => "the operator is not supported, expected layers that a chain has, and operators that move elements or compute shapes",
            });
        }
    }

    /// <summary>The only list of operators.</summary>
    private Dictionary<string, OnnxOperator> Operators()
    {
        OnnxFolding f = _folding;
        OnnxChain c = _chain;
        Dictionary<string, OnnxOperator> operators = new()
        {
            // Elements that move.
            ["Identity"] = Moving((node, inputs) => Required(node, inputs, 0)),
            ["Dropout"] = new() { Move = f.Dropout, Constants = _ => [(1, "ratio"), (2, "training_mode")] },
            ["Cast"] = Moving((node, inputs) => f.Cast(node, Required(node, inputs, 0), node.Int64("to", 0))),
            ["CastLike"] = Moving((node, inputs) => f.Cast(node, Required(node, inputs, 0), (long)Required(node, inputs, 1).Type)),
            ["Squeeze"] = new()
            {
                Move = (node, inputs) => [f.Squeeze(node, inputs)],
                Constants = _ => [(1, "axes")],
                Sizes = f.SqueezedSizes,
            },
            ["Unsqueeze"] = Moving(f.Unsqueeze, (1, "axes")),
            ["Flatten"] = Moving((node, inputs) => f.Flatten(node, Required(node, inputs, 0))),
            ["Reshape"] = Moving(f.Reshape, (1, "the shape")),
            ["Transpose"] = Moving((node, inputs) => f.Transpose(node, Required(node, inputs, 0))),
            ["Expand"] = new()
            {
                Move = (node, inputs) => [f.Expand(node, inputs)],
                Constants = _ => [(1, "the shape")],
                Sizes = (node, inputs) => Broadcasts(
                    [Required(node, inputs, 0).Shape, Integers(node, Required(node, inputs, 1), "the shape", Limits)]),
            },
            ["Tile"] = Moving(f.Tile, (1, "repeats")),
            ["Slice"] = Moving(f.Slice, (1, "starts"), (2, "ends"), (3, "axes"), (4, "steps")),
            ["Split"] = new() { Move = f.Split, Constants = _ => [(1, "split")] },
            ["Concat"] = new()
            {
                Move = (node, inputs) => [c.JoinIndices(node, inputs) ?? f.Concat(node, inputs)],
                Constants = inputs => Array.Exists(inputs, value => value is not null && c.IsIndex(value))
                    || Array.TrueForAll(inputs, value => value is { IsData: true } or { View.Count: 0 } or null)
                    ? []
                    : [.. Enumerable.Range(0, inputs.Length).Select(i => (i, "a part that is joined to constants"))],
            },
            ["Shape"] = Moving((node, inputs) => OnnxFolding.ShapeOf(node, Required(node, inputs, 0))),
            ["Size"] = Moving((node, inputs) => OnnxValue.Of(OnnxType.Int64, [], [Required(node, inputs, 0).View.Count])),
            ["Constant"] = Moving((node, _) => f.Constant(node)),
            ["Gather"] = new()
            {
                Fold = (node, inputs) => [f.Gather(node, inputs)],
                Lower = (node, inputs) =>
                [
                    !Required(node, inputs, 1).IsData ? f.Gather(node, inputs)
                        : Required(node, inputs, 0).IsData ? c.PickRows(node, inputs)
                        : c.Embedding(node, inputs),
                ],
                Constants = inputs => inputs is [{ IsData: true }, { IsData: true } index, ..] && !c.IsIndex(index)
                    ? [(1, "the indices")]
                    : [],
            },

            // Numbers that are computed, most of them for shapes.
            ["ConstantOfShape"] = Computing(f.ConstantOfShape),
            ["Range"] = Computing(f.Range),
            ["Where"] = Computing(f.Where),
            ["Not"] = Computing((node, inputs) => f.Each(node, inputs, a => a == 0 ? 1 : 0, a => a == 0 ? 1 : 0)),
            ["Floor"] = Both((node, inputs) => f.Each(node, inputs, Math.Floor, a => a), null),
            ["Ceil"] = Both((node, inputs) => f.Each(node, inputs, Math.Ceiling, a => a), null),
            ["Mod"] = Computing((node, inputs) => f.Pairs(node, inputs, (a, b) => a % b, (a, b) => OnnxFolding.Modulo(node, a, b))),
            ["Equal"] = Computing(Comparing((a, b) => a == b, (a, b) => a == b)),
            ["Greater"] = Computing(Comparing((a, b) => a > b, (a, b) => a > b)),
            ["GreaterOrEqual"] = Computing(Comparing((a, b) => a >= b, (a, b) => a >= b)),
            ["Less"] = Computing(Comparing((a, b) => a < b, (a, b) => a < b)),
            ["LessOrEqual"] = Computing(Comparing((a, b) => a <= b, (a, b) => a <= b)),
            ["And"] = Computing((node, inputs) => f.Pairs(node, inputs, (a, b) => a * b, (a, b) => a & b)),
            ["Or"] = Computing((node, inputs) => f.Pairs(node, inputs, Math.Max, (a, b) => a | b)),
            ["Xor"] = Computing((node, inputs) => f.Pairs(node, inputs, (a, b) => Math.Abs(a - b), (a, b) => a ^ b)),
            ["ReduceProd"] = Both((node, inputs) => f.Reduce(node, inputs, (a, b) => a * b, (a, b) => a * b), null),
            ["ReduceMin"] = Both((node, inputs) => f.Reduce(node, inputs, Math.Min, Math.Min), null),

            // Numbers of constants, and functions of one row or two.
            ["Add"] = Pair((node, inputs) => f.Pairs(node, inputs, (a, b) => a + b, (a, b) => a + b)),
            ["Sub"] = Pair((node, inputs) => f.Pairs(node, inputs, (a, b) => a - b, (a, b) => a - b)),
            ["Mul"] = Pair((node, inputs) => f.Pairs(node, inputs, (a, b) => a * b, (a, b) => a * b)),
            ["Div"] = Pair((node, inputs) => f.Pairs(
                node, inputs, (a, b) => a / b, (a, b) => b is 0 or -1 ? OnnxFolding.NotZero(node, b) * -a : a / b)),
            ["Pow"] = Pair((node, inputs) => f.Pairs(node, inputs, Math.Pow, (a, b) => (long)Math.Pow(a, b))),
            ["Max"] = Pair((node, inputs) => f.Pairs(node, inputs, Math.Max, Math.Max)),
            ["Min"] = Pair((node, inputs) => f.Pairs(node, inputs, Math.Min, Math.Min)),
            ["Neg"] = Both((node, inputs) => f.Each(node, inputs, a => -a, a => -a), c.Function),
            ["Abs"] = Both((node, inputs) => f.Each(node, inputs, Math.Abs, a => a < 0 ? -a : a), null),
            ["Sqrt"] = Both((node, inputs) => f.Each(node, inputs, Math.Sqrt, null), c.Function),
            ["Reciprocal"] = Both((node, inputs) => f.Each(node, inputs, a => 1 / a, null), c.Function),
            ["Exp"] = Both((node, inputs) => f.Each(node, inputs, Math.Exp, null), c.Function),
            ["ReduceSum"] = Reducing((node, inputs) => f.Reduce(node, inputs, (a, b) => a + b, (a, b) => a + b)),
            ["ReduceMax"] = Reducing((node, inputs) => f.Reduce(node, inputs, Math.Max, Math.Max)),
            ["ReduceMean"] = Reducing(null),
            ["GlobalAveragePool"] = Lowering(c.Reduce),
            ["GlobalMaxPool"] = Lowering(c.Reduce),
            ["Clip"] = Lowering(c.Clip, (1, "the minimum"), (2, "the maximum")),
            ["PRelu"] = new()
            {
                Lower = (node, inputs) => [c.PRelu(node, inputs)],
                Constants = _ => [(1, "the slope")],
                Sizes = (_, inputs) => Broadcasts(Shapes(inputs)),
            },
            ["Softmax"] = Lowering(c.Softmax),
            ["LogSoftmax"] = Lowering(c.Softmax),
            ["BatchNormalization"] = new()
            {
                Lower = c.BatchNormalization,
                Constants = _ => [(1, "scale"), (2, "B"), (3, "the mean"), (4, "the variance")],
            },
            ["LayerNormalization"] = new() { Lower = c.LayerNormalization, Constants = _ => [(1, "Scale"), (2, "B")] },
            ["RMSNormalization"] = new() { Lower = c.LayerNormalization, Constants = _ => [(1, "scale")] },

            // Products.
            ["MatMul"] = new()
            {
                Lower = (node, inputs) => [c.MatMul(node, inputs)],
                Constants = _ => [(1, "the matrix")],
                Sizes = (_, inputs) => inputs is [{ View.Rank: > 0 } x, { View.Rank: 2 } w] ? [(x.Shape[^1], w.Shape[0])] : [],
            },
            ["Gemm"] = new()
            {
                Lower = (node, inputs) => [c.Gemm(node, inputs)],
                Constants = _ => [(1, "the matrix"), (2, "the bias")],
                Sizes = (node, inputs) => inputs is [{ View.Rank: 2 } a, { View.Rank: 2 } b, ..]
                    ? [(a.Shape[node.Int64("transA", 0) != 0 ? 0 : 1], b.Shape[node.Int64("transB", 0) != 0 ? 1 : 0])]
                    : [],
            },
            ["GatherElements"] = Lowering(c.PickElements),
            ["GatherND"] = Lowering(c.PickNd),
            ["Pad"] = Lowering(c.Pad, (1, "pads"), (2, "the value"), (3, "axes")),
        };
        foreach (string name in OnnxChain.Functions)
        {
            operators.TryAdd(name, Lowering(c.Function));
        }

        foreach (string name in (ReadOnlySpan<string>)["RNN", "GRU", "LSTM"])
        {
            operators.Add(name, new OnnxOperator
            {
                Lower = c.Recurrent,
                Fold = (node, _) => throw node.Fail("X is a constant, expected data"),
                Constants = _ => [(1, "W"), (2, "R"), (3, "B"), (7, "P")],
                Sizes = OnnxChain.RecurrentSizes,
            });
        }

        return operators;

        OnnxOperator Pair(Func<OnnxNode, OnnxValue?[], OnnxValue> fold) => new()
        {
            Fold = (node, inputs) => [fold(node, inputs)],
            Lower = (node, inputs) => c.Pair(node, inputs) is { } pair ? [pair] : null,
            Constants = inputs => inputs is [{ IsData: true } one, { IsData: true } other]
                ? c.IsGiven(other) ? [(1, "the other operand")] : c.IsGiven(one) ? [(0, "the other operand")] : []
                : [],
            Sizes = (_, inputs) => Broadcasts(Shapes(inputs)),
        };

        OnnxOperator Reducing(Func<OnnxNode, OnnxValue?[], OnnxValue>? fold) => new()
        {
            Fold = fold is null ? null : (node, inputs) => [fold(node, inputs)],
            Lower = (node, inputs) => [c.Reduce(node, inputs)],
            Constants = _ => [(1, "axes")],
        };

        Func<OnnxNode, OnnxValue?[], OnnxValue> Comparing(Func<double, double, bool> real, Func<long, long, bool> whole) =>
            (node, inputs) => f.Pairs(node, inputs, (a, b) => real(a, b) ? 1 : 0, (a, b) => whole(a, b) ? 1 : 0, OnnxType.Bool);
    }

    private void AddInputs(OnnxParsedGraph graph)
    {
        foreach (OnnxInput input in graph.Inputs)
        {
            bool given = _context.Given.ContainsKey(input.Name);
            if (_folding.HasInitializer(input.Name) && !given)
            {
                // Files of old versions list every initializer as an input too.
                continue;
            }

            // A given value replaces the file's own.
            bool constant = _context.Constants.Contains(input.Name) || (given && _folding.RemoveInitializer(input.Name));
            OnnxValue value = constant ? GivenConstant(input) : _chain.AddInput(input);
            if (!_folding.Define(input.Name, value))
            {
                throw _context.Fail($"two inputs have the name {ModelFormatException.Quote(input.Name)}, expected different ones");
            }
        }
    }

    private OnnxValue GivenConstant(OnnxInput input)
    {
        OnnxValue value = _context.ReadGiven(input.Name);
        bool fits = input.Shape is null || (input.Shape.Count == value.View.Rank
            && input.Shape.Zip(value.Shape).All(pair => pair.First.Known <= 0 || pair.First.Known == pair.Second));
        return fits
            ? value
            : throw _context.Fail(
                $"the array given for input {ModelFormatException.Quote(input.Name)} has shape {value.View.Text}, "
                + $"expected [{string.Join(", ", input.Shape!.Select(size => size.Known > 0 ? $"{size.Known}" : size.Name ?? "?"))}]");
    }

    // False if another pass is needed.
    private bool RunNodes(OnnxParsedGraph graph, bool[] needed)
    {
        CheckKnown(graph, needed);
        for (int i = 0; i < needed.Length; i++)
        {
            OnnxNode node = graph.Nodes[i];
            if (!needed[i])
            {
                _unused.Add(node.Text);
                continue;
            }

            if (!OnnxFile.IsStandard(node.Domain))
            {
                throw node.Fail(
                    $"the operator has the domain {ModelFormatException.Quote(node.Domain)}, expected a standard operator");
            }

            Limits.Charge(1);
            if (Fold(node) is not { } values)
            {
                return false;
            }

            for (int k = 0; k < values.Length; k++)
            {
                if (node.Output(k).Length > 0 && !_folding.Define(node.Output(k), values[k]))
                {
                    throw node.Fail(
                        $"{ModelFormatException.Quote(node.Output(k))} is defined already, expected one node for each value");
                }
            }
        }

        return true;
    }

    private OnnxValue[]? Fold(OnnxNode node)
    {
        if (_context.Folded.TryGetValue(node, out OnnxValue[]? folded))
        {
            return folded;
        }

        OnnxValue?[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? null : Value(node, name))];
        if ((node.Operator == "If" ? If(node, inputs) : Run(node, inputs)) is not { } values)
        {
            return null;
        }

        bool isStatic = node.Operator != "If" && Array.TrueForAll(inputs, value => value is null || value.IsStatic)
            && Array.TrueForAll(values, value => !value.IsData);
        values = Array.ConvertAll(values, value => value.IsData ? value : value.Static(isStatic));
        if (isStatic)
        {
            _context.Folded.Add(node, values);
        }

        return values;
    }

    private OnnxValue Value(OnnxNode node, string name) =>
        _folding.Find(name) ?? throw node.Fail(
            $"uses {ModelFormatException.Quote(name)}, which is not an input, an initializer or the output of a node before it, "
            + "expected nodes in the order of their values");

    // Outputs of a node; null if another pass is needed.
    private OnnxValue[]? Run(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxOperator known = _operators[node.Operator];
        foreach ((int index, string what) in known.Constants(inputs))
        {
            if (!IsConstant(node, inputs, index, what))
            {
                return null;
            }
        }

        bool learned = false;
        foreach ((long one, long other) in known.Sizes(node, inputs))
        {
            learned |= one != other && (_context.Sizes.Bind(one, other) || _context.Sizes.Bind(other, one));
        }

        bool onData = Array.Exists(inputs, value => value is { IsData: true });
        if (learned)
        {
            return null;
        }

        return known.Move is { } move ? move(node, inputs)
            : onData ? (known.Lower ?? throw Unknown(node, inputs))(node, inputs)
            : (known.Fold ?? throw Unknown(node, inputs))(node, inputs);
    }

    // False if the input is known to be a constant in the next pass.
    private bool IsConstant(OnnxNode node, OnnxValue?[] inputs, int index, string what)
    {
        if (Optional(inputs, index) is not { IsData: true } value)
        {
            return true;
        }

        OnnxInput? origin = _chain.InputOf(value);
        if (origin is not null && _chain.IsGiven(value))
        {
            _context.Constants.Add(origin.Name);
            return false;
        }

        string depends = what.EndsWith("es", StringComparison.Ordinal) ? "depend" : "depends";
        throw node.Fail(origin is null || origin == _chain.Input
            ? $"{what} {depends} on the data, expected a constant"
            : $"{what} is input {ModelFormatException.Quote(origin.Name)}, for which no array is given, expected a constant");
    }

    // The condition is known, so the branch becomes part of the graph.
    private OnnxValue[]? If(OnnxNode node, OnnxValue?[] inputs)
    {
        if (!IsConstant(node, inputs, 0, "the condition"))
        {
            return null;
        }

        OnnxValue condition = Required(node, inputs, 0);
        long[] values = condition.View.Count == 1 ? Integers(node, condition, "the condition", Limits) : [];
        if (values is not [var chosen])
        {
            throw node.Fail($"the condition has shape {condition.View.Text}, expected one truth value");
        }

        string name = chosen != 0 ? "then_branch" : "else_branch";
        ProtobufMessage message = node.Attribute(name)?.Graph() ?? throw node.Fail($"there is no {name}, expected a graph");
        var graph = OnnxParsedGraph.Parse(message, Limits);
        _folding.Enter(node, graph);
        OnnxValue[]? outputs = RunNodes(graph, _folding.Needed(graph)) ? [.. graph.Outputs.Select(output => Value(node, output))] : null;
        _folding.Leave();
        return outputs;
    }
}
