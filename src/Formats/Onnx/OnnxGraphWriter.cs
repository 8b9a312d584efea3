namespace SpanRnn.Formats;

/// <summary>
/// The graph of a model that is being written: constants, nodes, inputs and outputs. Numbers of fields are those of onnx.proto.
/// </summary>
internal sealed class OnnxGraphWriter
{
    /// <summary>A size that is known when the model runs: the steps, "T".</summary>
    public const long Steps = -1;

    /// <summary>A size that is known when the model runs: the sequences, "B".</summary>
    public const long Batch = -2;

    // 15 is the first version in which Shape tells a part of a shape, the last thing that is needed; 17 is what exporters of PyTorch write
    // unless told otherwise, so that nearly everything reads it. 8 is the version of files with 15 to 18.
    private const int OperatorSet = 17;
    private const int FileVersion = 8;

    private const int FloatType = 1;
    private const int Int64Type = 7;

    private readonly List<Node> _nodes = [];
    private readonly List<ProtobufWriter> _constants = [];
    private readonly List<ProtobufWriter> _inputs = [];
    private readonly List<ProtobufWriter> _outputs = [];

    /// <summary>A constant.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        byte[] data = new byte[(long)values.Length * sizeof(float)];
        LittleEndian.Write(values, data);
        return Constant(name, FloatType, data, shape);
    }

    /// <summary>A constant list of whole numbers.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, ReadOnlySpan<long> values)
    {
        byte[] data = new byte[values.Length * sizeof(long)];
        LittleEndian.Write(values, data);
        return Constant(name, Int64Type, data, values.Length);
    }

    /// <summary>A node of one output, which has the node's name.</summary>
    /// <returns>Its name.</returns>
    public string Add(string operation, string name, ReadOnlySpan<string> inputs, params ReadOnlySpan<ProtobufWriter> attributes)
    {
        Add(operation, name, inputs, [name], attributes);
        return name;
    }

    /// <summary>A node; an input or output without a name is left out.</summary>
    public void Add(
        string operation, string name, ReadOnlySpan<string> inputs, string[] outputs, params ReadOnlySpan<ProtobufWriter> attributes)
    {
        // No name may stand behind the last one that is there.
        int count = inputs.LastIndexOfAnyExcept(string.Empty) + 1;
        _nodes.Add(new Node(operation, name, [.. inputs[..count]], outputs, [.. attributes]));
    }

    /// <summary>Whether there is a node of that name.</summary>
    public bool Has(string name) => _nodes.Exists(node => node.Name == name);

    /// <summary>An input of the model; of floats, or of int64.</summary>
    /// <returns>Its name.</returns>
    public string Input(string name, bool floats, params ReadOnlySpan<long> shape)
    {
        _inputs.Add(Value(name, floats, shape));
        return name;
    }

    /// <summary>Makes the output of a node one of the model, under another name.</summary>
    public void Output(string value, string name, params ReadOnlySpan<long> shape)
    {
        foreach (Node node in _nodes)
        {
            node.Inputs.AsSpan().Replace(value, name);
            node.Outputs.AsSpan().Replace(value, name);
        }

        _outputs.Add(Value(name, floats: true, shape));
    }

    /// <summary>An attribute that is a whole number.</summary>
    public static ProtobufWriter Attribute(string name, long value) => new ProtobufWriter().Add(1, name).Add(3, value).Add(20, 2);

    /// <summary>An attribute that is a number.</summary>
    public static ProtobufWriter Attribute(string name, double value) =>
        new ProtobufWriter().Add(1, name).Add(2, (float)value).Add(20, 1);

    /// <summary>An attribute that is a text.</summary>
    public static ProtobufWriter Attribute(string name, string value) => new ProtobufWriter().Add(1, name).Add(4, value).Add(20, 3);

    /// <summary>An attribute that is a list of numbers.</summary>
    public static ProtobufWriter Attribute(string name, IEnumerable<double> values) =>
        values.Aggregate(new ProtobufWriter().Add(1, name), (list, value) => list.Add(7, (float)value)).Add(20, 6);

    /// <summary>An attribute that is a list of whole numbers.</summary>
    public static ProtobufWriter Attribute(string name, IEnumerable<long> values) =>
        values.Aggregate(new ProtobufWriter().Add(1, name), (list, value) => list.Add(8, value)).Add(20, 7);

    /// <summary>An attribute that is a list of texts.</summary>
    public static ProtobufWriter Attribute(string name, IEnumerable<string> values) =>
        values.Aggregate(new ProtobufWriter().Add(1, name), (list, value) => list.Add(9, value)).Add(20, 8);

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes()
    {
        ProtobufWriter graph = new();
        foreach (Node node in _nodes)
        {
            graph.Add(1, node.Message());
        }

        graph.Add(2, "network");
        Add(graph, 5, _constants);
        Add(graph, 11, _inputs);
        Add(graph, 12, _outputs);
        return new ProtobufWriter()
            .Add(1, FileVersion)
            .Add(2, "SpanRnn")
            .Add(3, typeof(OnnxGraphWriter).Assembly.GetName().Version?.ToString(3) ?? string.Empty)
            .Add(7, graph)
            .Add(8, new ProtobufWriter().Add(1, string.Empty).Add(2, OperatorSet))
            .ToArray();
    }

    private static void Add(ProtobufWriter graph, int field, List<ProtobufWriter> messages)
    {
        foreach (ProtobufWriter message in messages)
        {
            graph.Add(field, message);
        }
    }

    private static ProtobufWriter Value(string name, bool floats, ReadOnlySpan<long> shape)
    {
        ProtobufWriter dimensions = new();
        foreach (long size in shape)
        {
            dimensions.Add(1, size switch
            {
                Steps => new ProtobufWriter().Add(2, "T"),
                Batch => new ProtobufWriter().Add(2, "B"),
                _ => new ProtobufWriter().Add(1, size),
            });
        }

        ProtobufWriter tensor = new ProtobufWriter().Add(1, floats ? FloatType : Int64Type).Add(2, dimensions);
        return new ProtobufWriter().Add(1, name).Add(2, new ProtobufWriter().Add(1, tensor));
    }

    private string Constant(string name, int type, byte[] data, params ReadOnlySpan<long> shape)
    {
        ProtobufWriter tensor = new();
        foreach (long size in shape)
        {
            tensor.Add(1, size);
        }

        _constants.Add(tensor.Add(2, type).Add(8, name).Add(9, data));
        return name;
    }

    private sealed record Node(string Operation, string Name, string[] Inputs, string[] Outputs, ProtobufWriter[] Attributes)
    {
        public ProtobufWriter Message()
        {
            ProtobufWriter node = new();
            foreach (string input in Inputs)
            {
                node.Add(1, input);
            }

            foreach (string output in Outputs)
            {
                node.Add(2, output);
            }

            node.Add(3, Name).Add(4, Operation);
            foreach (ProtobufWriter attribute in Attributes)
            {
                node.Add(5, attribute);
            }

            return node;
        }
    }
}
