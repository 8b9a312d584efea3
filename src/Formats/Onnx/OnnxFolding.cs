namespace SpanRnn.Formats.Onnx;

/// <summary>
/// The values of a graph by name, and the operators on constants and views: constants are computed, and the elements of data only get
/// another order.
/// </summary>
internal sealed partial class OnnxFolding
{
    private readonly OnnxContext _context;
    private readonly Dictionary<string, OnnxTensor> _initializers = [];
    private readonly HashSet<string> _used = [];
    private Scope _scope = new(null);
    private int _depth;

    /// <summary>Starts with the initializers of the model's graph.</summary>
    public OnnxFolding(OnnxContext context)
    {
        _context = context;
        foreach (OnnxTensor tensor in context.Model.Graph.Initializers)
        {
            if (tensor.Name.Length == 0 || !_initializers.TryAdd(tensor.Name, tensor))
            {
                throw context.Fail(
                    $"an initializer has the name {ModelFormatException.Quote(tensor.Name)}, expected distinct names");
            }
        }
    }

    private OnnxLimits Limits => _context.Limits;

    /// <summary>True if an initializer has that name.</summary>
    public bool HasInitializer(string name) => _initializers.ContainsKey(name);

    /// <summary>Forgets an initializer, which a given array replaces.</summary>
    public bool RemoveInitializer(string name) => _initializers.Remove(name);

    /// <summary>True if a node with an effect on the outputs uses the name.</summary>
    public bool IsUsed(string name) => _used.Contains(name);

    /// <summary>Names a value; false if there is one with that name.</summary>
    public bool Define(string name, OnnxValue value) => _scope.Values.TryAdd(name, value);

    /// <summary>Finds a value by its name, from the innermost graph on; null if there is none.</summary>
    public OnnxValue? Find(string name)
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

    /// <summary>Enters a subgraph: its initializers are found before those of the graph around it.</summary>
    public void Enter(OnnxNode node, OnnxParsedGraph graph)
    {
        if (++_depth > OnnxLimits.Depth)
        {
            throw node.Fail($"subgraphs are more than {OnnxLimits.Depth} deep, expected fewer");
        }

        _scope = new Scope(_scope);
        foreach (OnnxTensor tensor in graph.Initializers)
        {
            _scope.Initializers[tensor.Name] = tensor;
        }
    }

    /// <summary>Leaves a subgraph, whose values have no names any more.</summary>
    public void Leave()
    {
        _scope = _scope.Outer!;
        _depth--;
    }

    /// <summary>Finds the nodes that have an effect on the outputs, and remembers all names that these nodes use.</summary>
    public bool[] Needed(OnnxParsedGraph graph)
    {
        HashSet<string> wanted = [.. graph.Outputs];
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
                    Captured(node, inner, wanted, _depth + 1);
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

    private sealed class Scope(Scope? outer)
    {
        public Scope? Outer { get; } = outer;

        public Dictionary<string, OnnxValue> Values { get; } = [];

        public Dictionary<string, OnnxTensor> Initializers { get; } = [];
    }
}
