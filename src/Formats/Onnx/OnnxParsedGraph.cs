namespace SpanRnn.Formats;

/// <summary>A graph of nodes in the order in which the file has them. Nothing is looked into that is not asked for.</summary>
internal sealed class OnnxParsedGraph
{
    private readonly List<ProtobufMessage> _sparse = [];

    /// <summary>The graph's own name.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>The nodes, which have to stand in the order of their values.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>The stored values.</summary>
    public List<OnnxTensor> Initializers { get; } = [];

    /// <summary>What the graph declares as inputs.</summary>
    public List<OnnxInput> Inputs { get; } = [];

    /// <summary>What it declares as outputs, by name.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>Reads a GraphProto.</summary>
    public static OnnxParsedGraph Parse(ProtobufMessage message, OnnxLimits limits)
    {
        var graph = new OnnxParsedGraph();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    limits.Part();
                    graph.Nodes.Add(OnnxNode.Parse(reader.Message(), limits));
                    break;
                case 2:
                    graph.Name = reader.Text();
                    break;
                case 5:
                    limits.Part();
                    graph.Initializers.Add(OnnxTensor.Parse(reader.Message()));
                    break;
                case 11:
                    limits.Part();
                    graph.Inputs.Add(OnnxInput.Parse(reader.Message(), limits));
                    break;
                case 12:
                    limits.Part();
                    graph.Outputs.Add(OnnxInput.Parse(reader.Message(), limits).Name);
                    break;
                case 15:
                    graph._sparse.Add(reader.Message());
                    break;
                default:
                    break;
            }
        }

        return graph._sparse.Count == 0
            ? graph
            : throw new ModelFormatException(
                message.File, $"byte {graph._sparse[0].Start}: there is a sparse initializer, expected dense ones alone.");
    }
}

/// <summary>What a graph wants from outside.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The number of its element type; 0 where the file does not say.</param>
/// <param name="Shape">Its sizes, or null where the file does not say.</param>
internal sealed record OnnxInput(string Name, long Type, List<OnnxSize>? Shape)
{
    /// <summary>Reads a ValueInfoProto.</summary>
    public static OnnxInput Parse(ProtobufMessage message, OnnxLimits limits)
    {
        string name = string.Empty;
        long type = 0;
        List<OnnxSize>? shape = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    name = reader.Text();
                    break;
                case 2:
                    (type, shape) = ParseType(reader.Message(), limits);
                    break;
                default:
                    break;
            }
        }

        return name.Length > 0
            ? new OnnxInput(name, type, shape)
            : throw new ModelFormatException(message.File, $"byte {message.Start}: an input or output has no name, expected one.");
    }

    // TypeProto { Tensor tensor_type = 1 { int32 elem_type = 1; TensorShapeProto shape = 2; } }
    private static (long Type, List<OnnxSize>? Shape) ParseType(ProtobufMessage message, OnnxLimits limits)
    {
        long type = 0;
        List<OnnxSize>? shape = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                continue;
            }

            var tensor = new ProtobufReader(reader.Message());
            while (tensor.Next())
            {
                if (tensor.Field == 1)
                {
                    type = tensor.Int64();
                }
                else if (tensor.Field == 2)
                {
                    shape = ParseShape(tensor.Message(), limits);
                }
            }
        }

        return (type, shape);
    }

    private static List<OnnxSize> ParseShape(ProtobufMessage message, OnnxLimits limits)
    {
        List<OnnxSize> sizes = [];
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                continue;
            }

            limits.Part();
            long known = 0;
            string? name = null;
            var size = new ProtobufReader(reader.Message());
            while (size.Next())
            {
                if (size.Field == 1)
                {
                    known = size.Int64();
                }
                else if (size.Field == 2)
                {
                    name = size.Text();
                }
            }

            sizes.Add(new OnnxSize(known, string.IsNullOrEmpty(name) ? null : name));
        }

        return sizes;
    }
}

/// <summary>One size of an input.</summary>
/// <param name="Known">The size; 0 or less where it is known only when the model runs.</param>
/// <param name="Name">What the file calls it; sizes of one name are equal.</param>
internal readonly record struct OnnxSize(long Known, string? Name);
