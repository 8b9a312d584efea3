using SpanRnn.Cells.Description;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Writes a recurrent network as an ONNX model that ONNX Runtime loads: its layers as RNN, GRU and LSTM nodes, dense layers as products.
/// </summary>
internal static partial class OnnxWriter
{
    private const string Input = "x";

    /// <summary>Makes the .onnx file of a network, operator set 17.</summary>
    /// <param name="spec">
    /// The network. ONNX has neither LSTMs with a projection nor the hard step, but operators for all else. Activations after
    /// <see cref="ActivationKind.Softplus"/> are for other layers: recurrent operators do not have them. Sequences have no lengths of
    /// their own and start from zeros or from trained states. They have one step at least, and as many as a <see cref="StepLayer"/> needs.
    /// </param>
    /// <param name="parameters">[spec.Parameters.Length] in.</param>
    /// <param name="batchFirst">True for x and y of [B, T, …] instead of [T, B, …]; states stay as they are, as in PyTorch.</param>
    /// <returns>
    /// The bytes of the file. Its input is x, floats [T, B, I] or int64 symbols [T, B]; its outputs are y and the final states with the
    /// names of <see cref="ModelPorts.Outputs"/>: hn and cn [states, B, size], or one for each layer if layers differ in size or
    /// directions.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// ONNX cannot express the network, the length is wrong, or the network is too large for a file.
    /// </exception>
    public static byte[] ToBytes(NetworkSpec spec, ReadOnlySpan<float> parameters, bool batchFirst = false)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (parameters.Length != spec.Parameters.Length)
        {
            throw new ArgumentException(
                $"'parameters' has {parameters.Length} elements, expected {spec.Parameters.Length} = spec.Parameters.Length.",
                nameof(parameters));
        }

        Check(spec);
        var graph = new OnnxGraphWriter();
        (long first, long second) = batchFirst
            ? (OnnxGraphWriter.Batch, OnnxGraphWriter.Steps)
            : (OnnxGraphWriter.Steps, OnnxGraphWriter.Batch);
        string x = spec.Embedding is null
            ? graph.Input(Input, true, first, second, spec.InputSize)
            : graph.Input(Input, false, first, second);
        if (batchFirst)
        {
            long[] order = spec.Embedding is null ? [1, 0, 2] : [1, 0];
            x = graph.Add("Transpose", "x.by_step", [x], OnnxGraphWriter.Attribute("perm", order));
        }

        // The input of each layer, then the output of the last one.
        List<string> values = [spec.EmbeddingWeights is { } table ? Embedding(graph, table, parameters, x) : x];
        int head = Array.FindLastIndex(spec.Layers.ToArray(), layer => layer is RecurrentLayer or DenseLayer);
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            values.Add(spec.Layers[i] switch
            {
                RecurrentLayer => Recurrent(graph, spec, i, parameters, values[i]),
                DenseLayer dense => Dense(
                    graph,
                    i > 0 && i == head ? "head" : $"layer{i}",
                    spec.Slot(i, Direction.Forward, ParameterRole.InputWeights)!,
                    spec.Slot(i, Direction.Forward, ParameterRole.InputBias),
                    dense.Activation,
                    parameters,
                    values[i]),
                FinalStateLayer final => FinalStates(graph, spec, i, final),
                PoolLayer or StepLayer or AttentionLayer => Pooled(graph, spec, i, parameters, values[i]),
                SkipLayer skip => Skip(graph, spec, i, skip, parameters, values[skip.From], values[i]),
                _ => Rows(graph, spec, i, parameters, values[i]),
            });
        }

        // An input is no output of a node.
        string value = values[^1] == Input ? graph.Add("Identity", "copy", [Input]) : values[^1];
        bool isPerSequence = spec.IsManyToOne;
        if (batchFirst && !isPerSequence)
        {
            value = graph.Add("Transpose", "y.by_sequence", [value], OnnxGraphWriter.Attribute("perm", [1L, 0, 2]));
        }

        long[] batch = isPerSequence ? [OnnxGraphWriter.Batch] : [first, second];
        graph.Output(value, "y", [.. batch, spec.OutputSize]);
        foreach (ModelPort port in ModelPorts.Outputs(spec).Where(port => port.Kind == PortKind.States))
        {
            string[] states = [.. port.States.ToArray().Select(slot => State(slot.Layer, slot.Kind)).Distinct()];
            string all = states.Length == 1 ? states[0] : graph.Add("Concat", port.Name, states, OnnxGraphWriter.Attribute("axis", 0));
            graph.Output(all, port.Name, port.States.Length, OnnxGraphWriter.Batch, port.States[0].Size);
        }

        return graph.ToBytes();
    }

    // Refuses networks that ONNX has no operator for.
    private static void Check(NetworkSpec spec)
    {
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            if (spec.Layers[i] is not RecurrentLayer layer)
            {
                continue;
            }

            if (layer.ProjectionSize > 0)
            {
                throw new ArgumentException(
                    $"Layer {i} is an LSTM with a projection to {layer.ProjectionSize}, expected none: the LSTM of ONNX has no projection.",
                    nameof(spec));
            }

            foreach (ActivationSpec f in Activations(layer))
            {
                if (f.Kind > ActivationKind.Softplus)
                {
                    throw new ArgumentException(
                        $"Layer {i} has the activation {f}, expected another: ONNX has it beside recurrent layers, not in them.",
                        nameof(spec));
                }
            }
        }

        foreach (NetworkActivation used in spec.Activations)
        {
            if (used.Activation.Kind == ActivationKind.HardStep)
            {
                throw new ArgumentException(
                    $"{used.Place} has the activation HardStep, expected another: ONNX does not have it.", nameof(spec));
            }
        }

        // Protocol buffers end at 2 GB, of which names take a part.
        if (spec.Parameters.Length > (int.MaxValue / sizeof(float)) - (1 << 20))
        {
            throw new ArgumentException(
                $"The network has {spec.Parameters.Length} parameters, expected less than 2 GB of them: an ONNX file holds no more.",
                nameof(spec));
        }
    }

    private static string Embedding(OnnxGraphWriter graph, ParameterSlot table, ReadOnlySpan<float> parameters, string symbols) =>
        graph.Add("Gather", "embedding", [graph.Constant("embedding.table", table.In(parameters), table.Rows, table.Columns), symbols]);

    // y = φ(x·Wᵀ + b); the constant is Wᵀ, as MatMul expects it.
    private static string Dense(
        OnnxGraphWriter graph,
        string name,
        ParameterSlot weights,
        ParameterSlot? bias,
        ActivationSpec activation,
        ReadOnlySpan<float> parameters,
        string x)
    {
        float[] transposed = new float[weights.Length];
        ReadOnlySpan<float> values = weights.In(parameters);
        for (int row = 0; row < weights.Rows; row++)
        {
            for (int column = 0; column < weights.Columns; column++)
            {
                transposed[(column * weights.Rows) + row] = values[(row * weights.Columns) + column];
            }
        }

        x = graph.Add("MatMul", $"{name}.product", [x, graph.Constant($"{name}.weights", transposed, weights.Columns, weights.Rows)]);
        if (bias is not null)
        {
            x = graph.Add("Add", $"{name}.sum", [x, graph.Constant($"{name}.bias", bias.In(parameters), bias.Rows)]);
        }

        return Activate(graph, name, activation, x);
    }
}
