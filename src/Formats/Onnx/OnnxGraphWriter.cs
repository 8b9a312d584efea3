using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Onnx;

/// <summary>Builds the graph of a model to be written: constants, nodes, inputs and outputs. Field numbers are from onnx.proto.</summary>
internal sealed class OnnxGraphWriter
{
    /// <summary>Size that is known when the model runs: the steps, "T".</summary>
    public const long Steps = -1;

    /// <summary>Size that is known when the model runs: the sequences, "B".</summary>
    public const long Batch = -2;

    // Shape gives a part of a shape since version 15, the newest feature used here. Exporters of PyTorch write 17 by default, so nearly
    // every program reads it. 8 is the version of files with 15 to 18.
    private const int OperatorSet = 17;
    private const int FileVersion = 8;

    private const int FloatType = 1;
    private const int Int64Type = 7;

    private readonly List<Node> _nodes = [];
    private readonly List<ProtobufWriter> _constants = [];
    private readonly List<ProtobufWriter> _inputs = [];
    private readonly List<ProtobufWriter> _outputs = [];

    /// <summary>Adds a constant.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        byte[] data = new byte[(long)values.Length * sizeof(float)];
        LittleEndian.Write(values, data);
        return Constant(name, FloatType, data, shape);
    }

    /// <summary>Adds a constant list of whole numbers.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, ReadOnlySpan<long> values)
    {
        byte[] data = new byte[values.Length * sizeof(long)];
        LittleEndian.Write(values, data);
        return Constant(name, Int64Type, data, values.Length);
    }

    /// <summary>Adds a node with one output, which has the node's name.</summary>
    /// <returns>Its name.</returns>
    public string Add(string operation, string name, ReadOnlySpan<string> inputs, params ReadOnlySpan<ProtobufWriter> attributes)
    {
        Add(operation, name, inputs, [name], attributes);
        return name;
    }

    /// <summary>Adds a node. An input or output with an empty name is left out.</summary>
    public void Add(
        string operation, string name, ReadOnlySpan<string> inputs, string[] outputs, params ReadOnlySpan<ProtobufWriter> attributes)
    {
        // Empty names at the end are dropped.
        int count = inputs.LastIndexOfAnyExcept(string.Empty) + 1;
        _nodes.Add(new Node(operation, name, [.. inputs[..count]], outputs, [.. attributes]));
    }

    /// <summary>True if there is a node with that name.</summary>
    public bool Has(string name) => _nodes.Exists(node => node.Name == name);

    /// <summary>Adds an input of the model, of floats or of int64.</summary>
    /// <returns>Its name.</returns>
    public string Input(string name, bool floats, params ReadOnlySpan<long> shape)
    {
        _inputs.Add(Value(name, floats, shape));
        return name;
    }

    /// <summary>Makes the output of a node an output of the model, under another name.</summary>
    public void Output(string value, string name, params ReadOnlySpan<long> shape)
    {
        foreach (Node node in _nodes)
        {
            node.Inputs.AsSpan().Replace(value, name);
            node.Outputs.AsSpan().Replace(value, name);
        }

        _outputs.Add(Value(name, floats: true, shape));
    }

    /// <summary>Makes an attribute that is a whole number.</summary>
    public static ProtobufWriter Attribute(string name, long value) => new ProtobufWriter().Add(1, name).Add(3, value).Add(20, 2);

    /// <summary>Makes an attribute that is a real number.</summary>
    public static ProtobufWriter Attribute(string name, double value) =>
        new ProtobufWriter().Add(1, name).Add(2, (float)value).Add(20, 1);

    /// <summary>Makes an attribute that is a text.</summary>
    public static ProtobufWriter Attribute(string name, string value) => new ProtobufWriter().Add(1, name).Add(4, value).Add(20, 3);

    /// <summary>Makes an attribute that is a list of real numbers.</summary>
    public static ProtobufWriter Attribute(string name, IEnumerable<double> values) =>
        values.Aggregate(new ProtobufWriter().Add(1, name), (list, value) => list.Add(7, (float)value)).Add(20, 6);

    /// <summary>Makes an attribute that is a list of whole numbers.</summary>
    public static ProtobufWriter Attribute(string name, IEnumerable<long> values) =>
        values.Aggregate(new ProtobufWriter().Add(1, name), (list, value) => list.Add(8, value)).Add(20, 7);

    /// <summary>Makes an attribute that is a list of texts.</summary>
    public static ProtobufWriter Attribute(string name, IEnumerable<string> values) =>
        values.Aggregate(new ProtobufWriter().Add(1, name), (list, value) => list.Add(9, value)).Add(20, 8);

    /// <summary>Makes the bytes of the file.</summary>
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
