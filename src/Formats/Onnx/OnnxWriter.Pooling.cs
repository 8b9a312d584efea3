using System.Diagnostics;

namespace SpanRnn.Formats.Onnx;

/// <content>Layers that make one row per sequence of the rows [T, B, …] of all steps.</content>
internal static partial class OnnxWriter
{
    private static string Pooled(OnnxGraphWriter graph, NetworkSpec spec, int index, ReadOnlySpan<float> parameters, string x)
    {
        string name = $"layer{index}";
        switch (spec.Layers[index])
        {
            case PoolLayer { Kind: Pooling.Mean }:
                return Reduced("ReduceMean", "mean");
            case PoolLayer { Kind: Pooling.Maximum }:
                return Reduced("ReduceMax", "maximum");
            case PoolLayer { Kind: Pooling.Sum }:
                return Sum(graph, name, x);
            case PoolLayer { Kind: Pooling.Last }:
                return Step(-1);
            case StepLayer step:
                return Step(step.Step);
            case AttentionLayer:
                ParameterSlot slot = spec.Slot(index, Direction.Forward, ParameterRole.InputWeights)!;
                string weights = graph.Constant($"{name}.weights", slot.In(parameters), slot.Columns, slot.Rows);
                string scores = graph.Add("MatMul", $"{name}.scores", [x, weights]);
                string shares = graph.Add("Softmax", $"{name}.shares", [scores], OnnxGraphWriter.Attribute("axis", 0));
                return Sum(graph, name, graph.Add("Mul", $"{name}.weighted", [x, shares]));
            default:
                throw new UnreachableException();
        }

        string Reduced(string operation, string what) => graph.Add(
            operation,
            $"{name}.{what}",
            [x],
            OnnxGraphWriter.Attribute("axes", [0L]),
            OnnxGraphWriter.Attribute("keepdims", 0));

        string Step(long step)
        {
            string row = graph.Add("Gather", $"{name}.step", [x, graph.Constant($"{name}.index", [step])]);
            return graph.Add("Squeeze", $"{name}.row", [row, graph.Constant($"{name}.axis", [0L])]);
        }
    }

    // Axes are an input of this operator since set 13, of the other reductions since 18.
    private static string Sum(OnnxGraphWriter graph, string name, string x) => graph.Add(
        "ReduceSum", $"{name}.sum", [x, graph.Constant($"{name}.axes", [0L])], OnnxGraphWriter.Attribute("keepdims", 0));

    // Final states of one layer, or of several and of both kinds side by side.
    private static string FinalStates(OnnxGraphWriter graph, NetworkSpec spec, int index, FinalStateLayer final)
    {
        if (final is { AllLayers: false, Cells: false })
        {
            return FinalState(graph, spec, index - 1, StateKind.Hidden, $"layer{index - 1}");
        }

        List<string> states = [];
        StateKind[] kinds = final.Cells ? [StateKind.Hidden, StateKind.Cell] : [StateKind.Hidden];
        foreach (StateKind kind in kinds)
        {
            for (int layer = final.AllLayers ? 0 : index - 1; layer < index; layer++)
            {
                if (spec.Layers[layer] is RecurrentLayer)
                {
                    states.Add(FinalState(graph, spec, layer, kind, State(layer, kind)));
                }
            }
        }

        return graph.Add("Concat", $"layer{index}.states", [.. states], OnnxGraphWriter.Attribute("axis", 1));
    }

    // Y_h or Y_c [D, B, H] → [B, D·H]
    private static string FinalState(OnnxGraphWriter graph, NetworkSpec spec, int layer, StateKind kind, string name)
    {
        string byBatch = graph.Add(
            "Transpose", $"{name}.transposed", [State(layer, kind)], OnnxGraphWriter.Attribute("perm", [1L, 0, 2]));
        int size = ((RecurrentLayer)spec.Layers[layer]).OutputSize;
        return graph.Add("Reshape", $"{name}.output", [byBatch, graph.Constant($"{name}.shape", [0, (long)size])]);
    }
}
