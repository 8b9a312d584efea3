using System.Runtime.InteropServices;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Perf;

/// <summary>Models as the bytes of a .onnx file. Field numbers are those of onnx.proto.</summary>
internal static partial class OnnxModel
{
    private const int FileVersion = 8;
    private const int OperatorSet = 14;

    /// <summary>Y [rows, columns] = X [rows, inner]·W; W [inner, columns] is an input, or a constant that the library packs.</summary>
    public static byte[] MatrixProduct<T>(int rows, int inner, int columns, ReadOnlySpan<T> constant)
        where T : unmanaged
    {
        ProtobufWriter node = new ProtobufWriter().Add(1, "X").Add(1, "W").Add(2, "Y").Add(4, "MatMul");
        ProtobufWriter graph = new ProtobufWriter().Add(1, node).Add(2, "product");
        if (!constant.IsEmpty)
        {
            graph.Add(5, Constant("W", constant, inner, columns));
        }

        graph.Add(11, Value<T>("X", rows, inner));
        if (constant.IsEmpty)
        {
            graph.Add(11, Value<T>("W", inner, columns));
        }

        graph.Add(12, Value<T>("Y", rows, columns));
        return File(graph);
    }

    /// <summary>Number of an element type in onnx.proto.</summary>
    public static int ElementType<T>() => typeof(T) == typeof(float) ? 1 : typeof(T) == typeof(double) ? 11 : typeof(T) == typeof(long) ? 7
        : throw new ArgumentException($"An element is {typeof(T).Name}, expected float, double or long.");

    private static byte[] File(ProtobufWriter graph) => new ProtobufWriter()
        .Add(1, FileVersion)
        .Add(7, graph)
        .Add(8, new ProtobufWriter().Add(1, string.Empty).Add(2, OperatorSet))
        .ToArray();

    private static ProtobufWriter Constant<T>(string name, ReadOnlySpan<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var tensor = new ProtobufWriter();
        foreach (long dimension in shape)
        {
            tensor.Add(1, dimension);
        }

        return tensor.Add(2, ElementType<T>()).Add(8, name).Add(9, MemoryMarshal.AsBytes(data).ToArray());
    }

    private static ProtobufWriter Value<T>(string name, params ReadOnlySpan<long> shape)
    {
        var dimensions = new ProtobufWriter();
        foreach (long dimension in shape)
        {
            dimensions.Add(1, new ProtobufWriter().Add(1, dimension));
        }

        ProtobufWriter tensor = new ProtobufWriter().Add(1, ElementType<T>()).Add(2, dimensions);
        return new ProtobufWriter().Add(1, name).Add(2, new ProtobufWriter().Add(1, tensor));
    }
}
