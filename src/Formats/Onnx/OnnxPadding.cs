using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Rows of an output beyond the length of a sequence, as ONNX has them: recurrent layers give zeros there, and the layers above compute on
/// the zeros.
/// </summary>
internal static class OnnxPadding
{
    /// <summary>Computes such a row; null if it is zeros.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="sources">The sources of its parameters.</param>
    public static float[]? Row(NetworkSpec spec, ParameterSource[] sources)
    {
        int last = spec.Layers.Length - 1;
        while (last >= 0 && spec.Layers[last] is not RecurrentLayer)
        {
            last--;
        }

        if (last < 0 || spec.IsManyToOne || (last == spec.Layers.Length - 1 && spec.Head is null))
        {
            return null;
        }

        // The layers above the recurrent ones run alone, on one step of zeros.
        var top = new NetworkBuilder(spec.Layers[last].OutputSizeOf(spec.LayerInputSize(last)));
        for (int layer = last + 1; layer < spec.Layers.Length; layer++)
        {
            Add(
                spec.Slot(layer, Direction.Forward, ParameterRole.InputWeights)!,
                spec.Slot(layer, Direction.Forward, ParameterRole.InputBias),
                ((DenseLayer)spec.Layers[layer]).Activation);
        }

        if (spec.Head is { } head)
        {
            Add(spec.HeadWeights!, spec.HeadBias, head.Activation);
            top.Normalize(head.Normalization);
        }

        (NetworkSpec above, ParameterSource[] from) = top.Build();
        float[] parameters = new float[above.Parameters.Length];
        for (int i = 0; i < from.Length; i++)
        {
            from[i].CopyTo(above.Parameters.Slots[i].In(parameters.AsSpan()));
        }

        var network = new PackedNetwork(above, parameters);
        float[] row = new float[above.OutputSize];
        network.Step(new float[above.InputSize], new StreamState(network), row);
        return Array.TrueForAll(row, number => number == 0) ? null : row;

        void Add(ParameterSlot weights, ParameterSlot? bias, ActivationSpec activation)
        {
            top.AddDense(Source(weights), bias is null ? null : Source(bias));
            top.Activate(activation);
        }

        ParameterSource Source(ParameterSlot slot) => sources[spec.Parameters.Slots.IndexOf(slot)];
    }
}
