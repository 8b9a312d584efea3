namespace SpanRnn.Formats.Onnx;

/// <summary>
/// One pass over a graph. Constants are computed, the elements of data are only numbered, and nodes that compute on data become layers of a
/// network.
/// </summary>
internal sealed partial class OnnxLowering
{
    // The numbers of a source's elements start at its index shifted by this, so a number determines its source.
    private const int SourceShift = 40;

    private readonly OnnxContext _context;
    private readonly Dictionary<string, OnnxTensor> _initializers = [];
    private readonly HashSet<string> _used = [];
    private readonly List<string> _unused = [];
    private readonly List<OnnxInput> _inputs = [];
    private readonly Dictionary<long, Source> _sources = [];
    private Scope _scope = new(null);
    private int _depth;

    private OnnxLowering(OnnxContext context)
    {
        _context = context;
    }

    private enum SourceKind
    {
        /// <summary>An input of the graph, row-major.</summary>
        Input,

        /// <summary>Every row of a stage: [rows, features].</summary>
        Steps,

        /// <summary>A stage on the last step: [B, features].</summary>
        Final,

        /// <summary>The final h of a recurrent layer: [B, directions, size].</summary>
        Hidden,

        /// <summary>The final c of an LSTM: [B, directions, size].</summary>
        Cell,

        /// <summary>Data with zeros behind its features, row-major.</summary>
        Padded,
    }

    private OnnxLimits Limits => _context.Limits;

    private long Opset => _context.Model.Opset;

    /// <summary>Finds the network of the graph.</summary>
    /// <exception cref="OnnxRestartException">The context has learned what another pass needs.</exception>
    public static OnnxNetwork Run(OnnxContext context)
    {
        var pass = new OnnxLowering(context);
        OnnxParsedGraph graph = context.Model.Graph;
        bool[] needed = pass.Needed(graph, graph.Outputs, depth: 0);
        pass.AddInitializers(graph);
        pass.AddInputs(graph);
        pass.RunNodes(graph, needed);
        return pass.Finish(graph);
    }

    private static long Base(long index) => index << SourceShift;

    private static long Index(SourceKind kind, int number) => ((long)kind << 20) | (uint)number;

    private static OnnxFactor[] One(long size, long stride) => [new OnnxFactor(size, stride)];

    private void AddInitializers(OnnxParsedGraph graph)
    {
        foreach (OnnxTensor tensor in graph.Initializers)
        {
            if (tensor.Name.Length == 0 || !_initializers.TryAdd(tensor.Name, tensor))
            {
                throw _context.Fail(
                    $"an initializer has the name {ModelFormatException.Quote(tensor.Name)}, expected distinct names");
            }
        }
    }

    private void AddInputs(OnnxParsedGraph graph)
    {
        foreach (OnnxInput input in graph.Inputs)
        {
            bool given = _context.Given.ContainsKey(input.Name);
            if (_initializers.ContainsKey(input.Name) && !given)
            {
                // Files of old versions list every initializer as an input too.
                continue;
            }

            // A given value replaces the file's own.
            bool constant = _context.Constants.Contains(input.Name) || (given && _initializers.Remove(input.Name));
            OnnxValue value = constant ? GivenConstant(input) : InputData(input);
            if (!_scope.Values.TryAdd(input.Name, value))
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

    private OnnxValue InputData(OnnxInput input)
    {
        string name = ModelFormatException.Quote(input.Name);
        List<OnnxSize>? sizes = input.Shape
            ?? (_context.Given.TryGetValue(input.Name, out NpyFile? array) ? [.. new OnnxSize[array.Shape.Length]] : null);
        if (sizes is null)
        {
            throw _context.Fail($"input {name} has no shape, expected one, in which sizes may be unknown");
        }

        var type = (OnnxType)input.Type;
        if (!Enum.IsDefined(type) || sizes.Count > OnnxLimits.Rank)
        {
            throw _context.Fail(
                $"input {name} has the element type {input.Type} and {sizes.Count} axes, "
                + $"expected real or whole numbers and at most {OnnxLimits.Rank}");
        }

        int number = _inputs.Count;
        _inputs.Add(input);
        long[] shape = [.. sizes.Select((size, axis) => size.Known > 0
            ? size.Known
            : _context.Sizes.Of(size.Name is null ? $"{number}/{axis}" : $" {size.Name}"))];
        long index = Index(SourceKind.Input, number);
        long count = Count(shape, problem => _context.Fail($"input {name} {problem}"));
        _sources.Add(index, new Source(SourceKind.Input, number, Base(index), count));
        return OnnxValue.Data(type, OnnxView.RowMajor(Base(index), shape));
    }

    /// <summary>Multiplies sizes of any origin: refuses too many, negative ones, and a product that is too large.</summary>
    private static long Count(ReadOnlySpan<long> shape, Func<string, ModelFormatException> fail)
    {
        if (shape.Length > OnnxLimits.Rank)
        {
            throw fail($"has {shape.Length} axes, expected at most {OnnxLimits.Rank}");
        }

        long count = 1;
        foreach (long size in shape)
        {
            if (size < 0 || (size > 0 && count > OnnxLimits.Elements / size))
            {
                throw fail(
                    $"has the shape [{string.Join(", ", shape.ToArray())}], expected sizes of 0 or more with a product of at most 2^38");
            }

            count *= size;
        }

        return count;
    }

    /// <summary>Finds the nodes that have an effect on the outputs, and remembers all names that these nodes use.</summary>
    private bool[] Needed(OnnxParsedGraph graph, IEnumerable<string> outputs, int depth)
    {
        HashSet<string> wanted = [.. outputs];
        bool[] needed = new bool[graph.Nodes.Count];
        for (int i = needed.Length - 1; i >= 0; i--)
        {
            OnnxNode node = graph.Nodes[i];
            needed[i] = node.Outputs.Exists(name => name.Length > 0 && wanted.Contains(name));
            if (needed[i])
            {
                wanted.UnionWith(node.Inputs);
                foreach (ProtobufMessage inner in node.Graphs)
                {
                    Captured(node, inner, wanted, depth + 1);
                }
            }
        }

        _used.UnionWith(wanted);
        return needed;
    }

    private void Captured(OnnxNode node, ProtobufMessage message, HashSet<string> names, int depth)
    {
        if (depth > OnnxLimits.Depth)
        {
            throw node.Fail($"subgraphs are more than {OnnxLimits.Depth} deep, expected fewer");
        }

        var graph = OnnxParsedGraph.Parse(message, Limits);
        names.UnionWith(graph.Outputs);
        foreach (OnnxNode inner in graph.Nodes)
        {
            names.UnionWith(inner.Inputs);
            foreach (ProtobufMessage next in inner.Graphs)
            {
                Captured(inner, next, names, depth + 1);
            }
        }
    }

    private void RunNodes(OnnxParsedGraph graph, bool[] needed)
    {
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
            OnnxValue[] values = Fold(node);
            for (int k = 0; k < values.Length; k++)
            {
                if (node.Output(k).Length > 0 && !_scope.Values.TryAdd(node.Output(k), values[k]))
                {
                    throw node.Fail(
                        $"{ModelFormatException.Quote(node.Output(k))} is defined already, expected one node for each value");
                }
            }
        }
    }

    private OnnxValue[] Fold(OnnxNode node)
    {
        if (_context.Folded.TryGetValue(node, out OnnxValue[]? folded))
        {
            return folded;
        }

        OnnxValue?[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? null : Value(node, name))];
        OnnxValue[] values = Run(node, inputs);
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
        Find(name) ?? throw node.Fail(
            $"uses {ModelFormatException.Quote(name)}, which is not an input, an initializer or the output of a node before it, "
            + "expected nodes in the order of their values");

    private OnnxValue? Find(string name)
    {
        for (Scope? scope = _scope; scope is not null; scope = scope.Outer)
        {
            if (scope.Values.TryGetValue(name, out OnnxValue? value))
            {
                return value;
            }

            if (scope.Initializers.TryGetValue(name, out OnnxTensor? inner))
            {
                return _context.Read(inner);
            }
        }

        return _initializers.TryGetValue(name, out OnnxTensor? tensor) ? _context.Read(tensor) : null;
    }

    /// <summary>Outputs of a node: moved elements, a constant, or the output of a layer.</summary>
    private OnnxValue[] Run(OnnxNode node, OnnxValue?[] inputs) => node.Operator switch
    {
        "If" => If(node, inputs),
        "Loop" or "Scan" or "SequenceMap" => throw node.Fail("is a loop, expected a graph without loops"),
        "RNN" or "GRU" or "LSTM" => Recurrent(node, inputs),
        _ => Moved(node, inputs) ?? Layer(node, inputs) ?? Arithmetic(node, inputs) ?? throw Unknown(node, inputs),
    };

    private static ModelFormatException Unknown(OnnxNode node, OnnxValue?[] inputs) => node.Fail(
        Array.Exists(inputs, value => value is { IsData: true })
            ? "the operator is not supported on data, expected recurrent and dense layers, activations, an embedding, softmax at the end, "
                + "and operators that move elements"
            : "the operator is not supported on constants");

    // The condition is known, so the branch becomes part of the graph.
    private OnnxValue[] If(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue condition = Constant(node, inputs, 0, "the condition");
        long[] values = condition.View.Count == 1 ? Integers(node, condition, "the condition") : [];
        if (values is not [var chosen])
        {
            throw node.Fail($"the condition has shape {condition.View.Text}, expected one truth value");
        }

        string name = chosen != 0 ? "then_branch" : "else_branch";
        ProtobufMessage message = node.Attribute(name)?.Graph() ?? throw node.Fail($"there is no {name}, expected a graph");
        if (++_depth > OnnxLimits.Depth)
        {
            throw node.Fail($"subgraphs are more than {OnnxLimits.Depth} deep, expected fewer");
        }

        var graph = OnnxParsedGraph.Parse(message, Limits);
        bool[] needed = Needed(graph, graph.Outputs, _depth);
        Scope outer = _scope;
        _scope = new Scope(outer);
        foreach (OnnxTensor tensor in graph.Initializers)
        {
            _scope.Initializers[tensor.Name] = tensor;
        }

        RunNodes(graph, needed);
        OnnxValue[] outputs = [.. graph.Outputs.Select(output => Value(node, output))];
        _scope = outer;
        _depth--;
        return outputs;
    }

    private static OnnxValue Required(OnnxNode node, OnnxValue?[] inputs, int index) =>
        index < inputs.Length && inputs[index] is { } value
            ? value
            : throw node.Fail($"input {index} is missing, expected a value");

    private static OnnxValue? Optional(OnnxValue?[] inputs, int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>Gets an input that must be a constant.</summary>
    private OnnxValue Constant(OnnxNode node, OnnxValue?[] inputs, int index, string what)
    {
        OnnxValue value = Required(node, inputs, index);
        if (!value.IsData)
        {
            return value;
        }

        if (value.View.Count > 0
            && SourceAt(value.View.Offset) is { Kind: SourceKind.Input } source && IsGiven(source))
        {
            _context.Constants.Add(_inputs[source.Number].Name);
            throw new OnnxRestartException();
        }

        bool isInput = value.View.Count > 0 && SourceAt(value.View.Offset) is { Kind: SourceKind.Input } origins
            && _inputs[origins.Number] != _input;
        string origin = isInput
            ? $"is input {ModelFormatException.Quote(_inputs[SourceAt(value.View.Offset)!.Number].Name)}, for which no array is given"
            : "depends on the data";
        throw node.Fail($"{what} {origin}, expected a constant");
    }

    private long[] Integers(OnnxNode node, OnnxValue value, string what) => value.Type.IsReal()
        ? throw node.Fail($"{what} has the type {value.Type.Name()}, expected whole numbers")
        : value.Integers(Limits);

    /// <summary>Checks a size. An open size becomes the expected one, and the pass starts again.</summary>
    private void ExpectSize(OnnxNode node, string what, OnnxValue value, int axis, long expected)
    {
        long found = value.View.Size(axis);
        if (found != expected)
        {
            Bind(found, expected);
            throw node.Fail($"{what} has shape {value.View.Text}, expected {expected} on axis {axis}");
        }
    }

    // Two sizes must be equal: if one of them is open, it becomes the other.
    private void Bind(long found, long expected)
    {
        if (_context.Sizes.Bind(found, expected) || _context.Sizes.Bind(expected, found))
        {
            throw new OnnxRestartException();
        }
    }

    private Source? SourceAt(long element) => _sources.GetValueOrDefault(element >> SourceShift);

    /// <summary>Finds the source of all elements; null if they have several.</summary>
    private Source? SourceOf(OnnxView view)
    {
        if (view.Count == 0)
        {
            return null;
        }

        (long lowest, long highest) = view.Range;
        return lowest >> SourceShift == highest >> SourceShift ? SourceAt(lowest) : null;
    }

    /// <summary>True if a view has every element of a source once, in any order.</summary>
    private static bool IsWhole(OnnxView view, Source source)
    {
        if (view.Offset != source.Base || view.Count != source.Count)
        {
            return false;
        }

        long next = 1;
        foreach (OnnxFactor factor in view.Factors.OrderBy(factor => factor.Stride))
        {
            if (factor.Stride != next)
            {
                return false;
            }

            next *= factor.Size;
        }

        return true;
    }

    private sealed record Source(SourceKind Kind, int Number, long Base, long Count);

    private sealed class Scope(Scope? outer)
    {
        public Scope? Outer { get; } = outer;

        public Dictionary<string, OnnxValue> Values { get; } = [];

        public Dictionary<string, OnnxTensor> Initializers { get; } = [];
    }
}
