using System.Diagnostics;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <content>A recurrent layer as one node, with its state and its output in the layout of other nodes.</content>
internal static partial class OnnxWriter
{
    private const string StatesShape = "states_shape";

    private static string State(int layer, StateKind kind) => $"layer{layer}.{(kind == StateKind.Hidden ? "Y_h" : "Y_c")}";

    // Returns the output of every step, [T, B, D·H]. It is left out in front of a readout of final states, and its name is empty then.
    private static string Recurrent(OnnxGraphWriter graph, NetworkSpec spec, int index, ReadOnlySpan<float> parameters, string x)
    {
        var layer = (RecurrentLayer)spec.Layers[index];
        string name = $"layer{index}";
        int[] order = GateOrder.Onnx.Of(layer);
        int gates = layer.Cell == CellKind.Lstm ? 4 : layer.Gates;
        bool isLstm = layer.Cell == CellKind.Lstm;
        (long directions, long size) = (layer.DirectionCount, layer.HiddenSize);

        string w = Tensor("W", parameters, gates, order, [ParameterRole.InputWeights], gates * size, spec.LayerInputSize(index));
        string r = Tensor("R", parameters, gates, order, [ParameterRole.RecurrentWeights], gates * size, size);
        string b = Tensor("B", parameters, gates, order, [ParameterRole.InputBias, ParameterRole.RecurrentBias], 2 * gates * size);
        string h0 = Start("initial_h", parameters, ParameterRole.InitialHidden);
        string c0 = Start("initial_c", parameters, ParameterRole.InitialCell);
        string p = Tensor("P", parameters, 3, GateOrder.OnnxPeepholes(layer), [ParameterRole.Peepholes], 3 * size);

        string h = State(index, StateKind.Hidden);
        bool isRead = index == spec.Layers.Length - 1 || spec.Layers[index + 1] is not FinalStateLayer;
        string y = isRead ? $"{name}.Y" : string.Empty;
        graph.Add(
            layer.Cell switch
            {
                CellKind.Elman => "RNN",
                CellKind.Lstm => "LSTM",
                CellKind.GruResetAfter or CellKind.GruResetBefore => "GRU",
                _ => throw new UnreachableException(),
            },
            name,
            [x, w, r, b, string.Empty, h0, c0, p],
            isLstm ? [y, h, State(index, StateKind.Cell)] : [y, h],
            [.. Attributes(layer)]);

        if (!isRead)
        {
            return y;
        }

        string rows = $"{name}.output";
        if (directions == 1)
        {
            // Y [T, 1, B, H] → [T, B, H]
            return graph.Add("Squeeze", rows, [y, graph.Constant($"{name}.axes", [1L])]);
        }

        // Y [T, D, B, H] → [T, B, D·H]
        string byStep = graph.Add("Transpose", $"{name}.transposed", [y], OnnxGraphWriter.Attribute("perm", [0L, 2, 1, 3]));
        return graph.Add("Reshape", rows, [byStep, graph.Constant($"{name}.shape", [0, 0, directions * size])]);

        // Adds a constant [D, …], if the layer has its parameters: the tensors of each direction one after the other, their blocks in
        // ONNX's order. A block that this library does not have is zero.
        string Tensor(
            string tensor,
            ReadOnlySpan<float> parameters,
            int blocks,
            ReadOnlySpan<int> order,
            ReadOnlySpan<ParameterRole> roles,
            params ReadOnlySpan<long> shape)
        {
            var values = new List<float>();
            foreach (Direction direction in Enum.GetValues<Direction>())
            {
                foreach (ParameterRole role in roles)
                {
                    if (spec.Slot(index, direction, role) is { } slot)
                    {
                        int block = slot.Length / order.Length;
                        float[] all = new float[blocks * block];
                        for (int i = 0; i < order.Length; i++)
                        {
                            slot.In(parameters).Slice(i * block, block).CopyTo(all.AsSpan(order[i] * block));
                        }

                        values.AddRange(all);
                    }
                }
            }

            return values.Count == 0
                ? string.Empty
                : graph.Constant($"{name}.{tensor}", values.ToArray(), [directions, .. shape]);
        }

        // Trained states [D, 1, H] for every sequence of the batch.
        string Start(string input, ReadOnlySpan<float> parameters, ParameterRole role)
        {
            string states = Tensor(input, parameters, 1, [0], [role], 1, size);
            return states.Length == 0 ? states : graph.Add("Expand", $"{name}.{input}.all", [states, BatchShape(graph, x)]);
        }
    }

    // [1, B, 1], made once from the input [T, B, …] of a layer.
    private static string BatchShape(OnnxGraphWriter graph, string x)
    {
        if (!graph.Has(StatesShape))
        {
            string batch = graph.Add("Shape", "batch", [x], OnnxGraphWriter.Attribute("start", 1), OnnxGraphWriter.Attribute("end", 2));
            string one = graph.Constant("one", [1L]);
            graph.Add("Concat", StatesShape, [one, batch, one], OnnxGraphWriter.Attribute("axis", 0));
        }

        return StatesShape;
    }

    private static IEnumerable<ProtobufWriter> Attributes(RecurrentLayer layer)
    {
        yield return OnnxGraphWriter.Attribute("hidden_size", layer.HiddenSize);
        yield return OnnxGraphWriter.Attribute(
            "direction", layer.Bidirectional ? "bidirectional" : layer.Reverse ? "reverse" : "forward");
        if (!Activations(layer).SequenceEqual(Activations(new RecurrentLayer(layer.Cell, 1) { Bidirectional = layer.Bidirectional })))
        {
            // Recurrent operators have no identity, but Affine. They list α and β only for functions that have them.
            ActivationSpec[] functions =
                [.. Activations(layer).Select(f => f.Kind == ActivationKind.Identity ? ActivationKind.Affine : f)];
            yield return OnnxGraphWriter.Attribute("activations", functions.Select(f => f.Kind.ToString()));
            if (functions.Any(f => f.HasAlpha))
            {
                yield return OnnxGraphWriter.Attribute("activation_alpha", functions.Where(f => f.HasAlpha).Select(f => f.Alpha));
            }

            if (functions.Any(f => f.HasBeta))
            {
                yield return OnnxGraphWriter.Attribute("activation_beta", functions.Where(f => f.HasBeta).Select(f => f.Beta));
            }
        }

        if (double.IsFinite(layer.Clip))
        {
            yield return OnnxGraphWriter.Attribute("clip", layer.Clip);
        }

        if (layer.CoupledGates)
        {
            yield return OnnxGraphWriter.Attribute("input_forget", 1);
        }

        if (layer.Cell == CellKind.GruResetAfter)
        {
            yield return OnnxGraphWriter.Attribute("linear_before_reset", 1);
        }
    }

    // The activations of each direction in the order of ONNX: f, or f and g, or f, g and h.
    private static IEnumerable<ActivationSpec> Activations(RecurrentLayer layer)
    {
        var forward = new LayerActivations(layer.Activation, layer.GateActivation, layer.OutputActivation);
        LayerActivations[] directions = layer.Bidirectional ? [forward, layer.ReverseActivations ?? forward] : [forward];
        return directions.SelectMany(direction => layer.Cell switch
        {
            CellKind.Lstm => [direction.GateActivation, direction.Activation, direction.OutputActivation],
            CellKind.GruResetAfter or CellKind.GruResetBefore => [direction.GateActivation, direction.Activation],
            CellKind.Elman => new[] { direction.Activation },
            _ => throw new UnreachableException(),
        });
    }
}
