namespace SpanRnn.Formats.Onnx;

/// <summary>A graph with its nodes in the order of the file. Its parts are parsed, but attributes and tensors are read on demand.</summary>
internal sealed class OnnxParsedGraph
{
    private readonly List<ProtobufMessage> _sparse = [];

    /// <summary>The graph's own name.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>The nodes. Each must come behind the nodes whose values it uses.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>The stored values.</summary>
    public List<OnnxTensor> Initializers { get; } = [];

    /// <summary>The declared inputs.</summary>
    public List<OnnxInput> Inputs { get; } = [];

    /// <summary>The names of the declared outputs.</summary>
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
                message.File, $"byte {graph._sparse[0].Start}: there is a sparse initializer, expected only dense ones.");
    }
}
