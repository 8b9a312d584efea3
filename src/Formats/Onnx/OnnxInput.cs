namespace SpanRnn.Formats.Onnx;

/// <summary>A declared input of a graph, or a declared output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The number of its element type; 0 if the file does not say.</param>
/// <param name="Shape">Its sizes, or null if the file does not say.</param>
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
