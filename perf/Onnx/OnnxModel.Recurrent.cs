using SpanRnn.Formats.Model;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Perf;

/// <content>One recurrent layer as one node.</content>
internal static partial class OnnxModel
{
    // The kind of a whole-number attribute in onnx.proto.
    private const int WholeNumber = 2;

    /// <summary>
    /// The only layer of <paramref name="spec"/>, forward, with constant parameters. Inputs: X [steps, batch, I], h and c [1, batch, H].
    /// Outputs: newH and newC, and Y [steps, 1, batch, H] if there is more than one step. Only an LSTM has c and newC.
    /// </summary>
    public static byte[] Recurrent(NetworkSpec spec, ReadOnlySpan<float> parameters, int steps, int batch)
    {
        var layer = (RecurrentLayer)spec.Layers[0];
        int units = layer.HiddenSize;
        bool isLstm = layer.Cell == CellKind.Lstm;
        string name = isLstm ? "LSTM" : layer.Cell == CellKind.Elman ? "RNN" : "GRU";
        int[] order = GateOrder.Onnx.Of(layer);
        float[] w = Reorder(Tensor(spec, parameters, ParameterRole.InputWeights), order);
        float[] r = Reorder(Tensor(spec, parameters, ParameterRole.RecurrentWeights), order);
        float[] b =
        [
            .. Reorder(Tensor(spec, parameters, ParameterRole.InputBias), order),
            .. Reorder(Tensor(spec, parameters, ParameterRole.RecurrentBias), order),
        ];

        // An empty name leaves an input or output out: here the lengths of sequences, and Y if the new h is all of it.
        ProtobufWriter node = new ProtobufWriter()
            .Add(1, "X").Add(1, "W").Add(1, "R").Add(1, "B").Add(1, string.Empty).Add(1, "h");
        if (isLstm)
        {
            node.Add(1, "c");
        }

        node.Add(2, steps > 1 ? "Y" : string.Empty).Add(2, "newH");
        if (isLstm)
        {
            node.Add(2, "newC");
        }

        node.Add(4, name).Add(5, Attribute("hidden_size", units));
        if (name == "GRU")
        {
            node.Add(5, Attribute("linear_before_reset", layer.Cell == CellKind.GruResetAfter ? 1 : 0));
        }

        ProtobufWriter graph = new ProtobufWriter()
            .Add(1, node)
            .Add(2, "layer")
            .Add(5, Constant<float>("W", w, 1, order.Length * units, spec.InputSize))
            .Add(5, Constant<float>("R", r, 1, order.Length * units, units))
            .Add(5, Constant<float>("B", b, 1, 2 * order.Length * units))
            .Add(11, Value<float>("X", steps, batch, spec.InputSize))
            .Add(11, Value<float>("h", 1, batch, units));
        if (isLstm)
        {
            graph.Add(11, Value<float>("c", 1, batch, units));
        }

        if (steps > 1)
        {
            graph.Add(12, Value<float>("Y", steps, 1, batch, units));
        }

        graph.Add(12, Value<float>("newH", 1, batch, units));
        if (isLstm)
        {
            graph.Add(12, Value<float>("newC", 1, batch, units));
        }

        return File(graph);
    }

    private static ReadOnlySpan<float> Tensor(NetworkSpec spec, ReadOnlySpan<float> parameters, ParameterRole role) =>
        spec.Slot(0, Direction.Forward, role)!.In(parameters);

    private static float[] Reorder(ReadOnlySpan<float> blocks, int[] order)
    {
        float[] result = new float[blocks.Length];
        int block = blocks.Length / order.Length;
        for (int i = 0; i < order.Length; i++)
        {
            blocks.Slice(i * block, block).CopyTo(result.AsSpan(order[i] * block));
        }

        return result;
    }

    private static ProtobufWriter Attribute(string name, long value) =>
        new ProtobufWriter().Add(1, name).Add(3, value).Add(20, WholeNumber);
}
