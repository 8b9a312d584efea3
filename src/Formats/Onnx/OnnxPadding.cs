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
        int last = Array.FindLastIndex(spec.Layers.ToArray(), layer => layer is RecurrentLayer);
        while (last >= 0 && last < spec.Layers.Length - 1 && spec.Layers[last + 1] is MergeLayer)
        {
            // Zeros of both directions make zeros.
            last++;
        }

        if (last < 0 || last == spec.Layers.Length - 1 || spec.IsManyToOne)
        {
            return null;
        }

        // The layers above the recurrent ones run alone, on one step of zeros. Their parameters are the last ones.
        var above = new NetworkSpec(spec.LayerInputSize(last + 1), spec.Layers[(last + 1)..]);
        float[] parameters = new float[above.Parameters.Length];
        int first = sources.Length - above.Parameters.Slots.Length;
        for (int i = first; i < sources.Length; i++)
        {
            sources[i].CopyTo(above.Parameters.Slots[i - first].In(parameters.AsSpan()));
        }

        var network = new PackedNetwork(above, parameters);
        float[] row = new float[above.OutputSize];
        network.CreateStream().Step(new float[above.InputSize], row);
        return Array.TrueForAll(row, number => number == 0) ? null : row;
    }
}
