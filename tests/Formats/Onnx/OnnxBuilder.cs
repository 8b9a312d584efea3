using System.Buffers.Binary;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Tests;

/// <summary>ONNX models of any kind, right and wrong ones, field by field. Sizes below 0 are left open; names are text.</summary>
internal sealed class OnnxBuilder
{
    private readonly ProtobufWriter _graph = new();
    private readonly ProtobufWriter _extra = new();
    private int _names;

    public long Opset { get; init; } = 17;

    /// <summary>An attribute: long, double, string, long[], double[], string[], a graph or a tensor.</summary>
    public static ProtobufWriter Attribute(string name, object value)
    {
        ProtobufWriter attribute = new ProtobufWriter().Add(1, name);
        switch (value)
        {
            case long whole:
                return attribute.Add(3, whole).Add(20, 2);
            case int whole:
                return attribute.Add(3, whole).Add(20, 2);
            case double real:
                return attribute.Add(2, (float)real).Add(20, 1);
            case string text:
                return attribute.Add(4, text).Add(20, 3);
            case long[] all:
                return all.Aggregate(attribute, (writer, one) => writer.Add(8, one)).Add(20, 7);
            case double[] all:
                return all.Aggregate(attribute, (writer, one) => writer.Add(7, (float)one)).Add(20, 6);
            case string[] all:
                return all.Aggregate(attribute, (writer, one) => writer.Add(9, one)).Add(20, 8);
            case OnnxBuilder graph:
                return attribute.Add(6, graph._graph).Add(20, 5);
            default:
                return attribute.Add(5, (ProtobufWriter)value).Add(20, 4);
        }
    }

    public static ProtobufWriter Tensor(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values)
    {
        byte[] data = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * sizeof(float)), values[i]);
        }

        return Tensor(name, shape, 1, data);
    }

    public static ProtobufWriter Tensor(string name, ReadOnlySpan<long> values, int type = 7)
    {
        int size = type == 6 ? sizeof(int) : type == 9 ? 1 : sizeof(long);
        byte[] data = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            byte[] all = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(all, values[i]);
            all.AsSpan(0, size).CopyTo(data.AsSpan(i * size));
        }

        return Tensor(name, [values.Length], type, data);
    }

    public static ProtobufWriter Tensor(string name, ReadOnlySpan<long> shape, int type, byte[] raw)
    {
        var tensor = new ProtobufWriter();
        foreach (long size in shape)
        {
            tensor.Add(1, size);
        }

        return tensor.Add(2, type).Add(8, name).Add(9, raw);
    }

    public OnnxBuilder Node(string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs)
        {
            node.Add(1, input);
        }

        foreach (string output in outputs)
        {
            node.Add(2, output);
        }

        node.Add(3, $"the_{outputs.FirstOrDefault("none")}").Add(4, op);
        foreach ((string name, object value) in attributes)
        {
            node.Add(5, Attribute(name, value));
        }

        _graph.Add(1, node);
        return this;
    }

    /// <summary>A node of one output, whose name is made up.</summary>
    public string Node(string op, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = $"v{_names++}";
        Node(op, inputs, [output], attributes);
        return output;
    }

    public OnnxBuilder Constant(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values) => Constant(Tensor(name, shape, values));

    public OnnxBuilder Constant(string name, ReadOnlySpan<long> values, int type = 7) => Constant(Tensor(name, values, type));

    public OnnxBuilder Constant(ProtobufWriter tensor)
    {
        _graph.Add(5, tensor);
        return this;
    }

    /// <summary>A constant list of whole numbers, whose name is made up.</summary>
    public string Integers(params long[] values)
    {
        string name = $"v{_names++}";
        Constant(name, values);
        return name;
    }

    public OnnxBuilder Input(string name, params ReadOnlySpan<long> shape) => Declare(11, name, 1, shape);

    public OnnxBuilder IntegerInput(string name, params ReadOnlySpan<long> shape) => Declare(11, name, 7, shape);

    public OnnxBuilder Output(string name) => Declare(12, name, 1, []);

    public OnnxBuilder Metadata(string key, string value)
    {
        _extra.Add(14, new ProtobufWriter().Add(1, key).Add(2, value));
        return this;
    }

    /// <summary>Adds a field of the graph as it is.</summary>
    public OnnxBuilder Raw(int field, ProtobufWriter value)
    {
        _graph.Add(field, value);
        return this;
    }

    public byte[] ToBytes(string domain = "") => new ProtobufWriter()
        .Add(1, 8)
        .Add(2, "tests")
        .Add(8, new ProtobufWriter().Add(1, domain).Add(2, Opset))
        .Add(7, _graph)
        .Add(99, "a field of later versions")
        .ToArray()
        .Concat(_extra.ToArray())
        .ToArray();

    // Sizes: 0 and more as they are, −1 for one without a name, −2, −3, ... for "d2", "d3", ...
    private OnnxBuilder Declare(int field, string name, int type, ReadOnlySpan<long> shape)
    {
        var sizes = new ProtobufWriter();
        foreach (long size in shape)
        {
            ProtobufWriter one = new();
            sizes.Add(1, size >= 0 ? one.Add(1, size) : size == -1 ? one : one.Add(2, $"d{-size}"));
        }

        ProtobufWriter tensor = new ProtobufWriter().Add(1, type);
        if (shape.Length > 0)
        {
            tensor.Add(2, sizes);
        }

        _graph.Add(field, new ProtobufWriter().Add(1, name).Add(2, new ProtobufWriter().Add(1, tensor)));
        return this;
    }
}
