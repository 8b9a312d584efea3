using SpanRnn.Cells;

namespace SpanRnn.Formats;

/// <summary>
/// The arrays of Keras's layers as parameters. Kernels are [inputs, gates · units], so parameters are read from them transposed; a
/// recurrent layer has [kernel, recurrent kernel, bias].
/// </summary>
/// <remarks>keras.layers.SimpleRNNCell, LSTMCell and GRUCell, build().</remarks>
internal static class KerasWeights
{
    /// <summary>The sources of one direction of a recurrent layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="direction">Which direction they are of.</param>
    /// <param name="arrays">[kernel, recurrent kernel] and, where the layer has biases, the bias.</param>
    /// <param name="sources">Where they are added to.</param>
    public static void Add(
        LayerSpec layer,
        Direction direction,
        ReadOnlySpan<ParameterSource> arrays,
        Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> sources)
    {
        int[] order = GateOrder.Keras.Of(layer);
        int rows = layer.Gates * layer.HiddenSize;
        sources.Add((direction, ParameterRole.InputWeights), Transposed(arrays[0], rows, order));
        sources.Add((direction, ParameterRole.RecurrentWeights), Transposed(arrays[1], rows, order));
        if (!layer.Bias)
        {
            return;
        }

        // Keras has the second bias in a GRU with reset_after alone; what else has one is the sum of both.
        sources.Add((direction, ParameterRole.InputBias), arrays[2].Window(0, rows, 1, 1, 1, order));
        sources.Add(
            (direction, ParameterRole.RecurrentBias),
            layer.Cell == CellKind.GruResetAfter ? arrays[2].Window(rows, rows, 1, 1, 1, order) : ParameterSource.Zeros(rows, 1));
    }

    /// <summary>A kernel [inputs, rows] as [rows, inputs].</summary>
    /// <param name="kernel">The array.</param>
    /// <param name="rows">Its second size.</param>
    /// <param name="order">The blocks of rows, or null.</param>
    public static ParameterSource Transposed(ParameterSource kernel, int rows, int[]? order = null) =>
        kernel.Window(0, rows, kernel.Shape[0], 1, rows, order);

    /// <summary>A bias [rows] as a column.</summary>
    public static ParameterSource Column(ParameterSource bias) => bias.Window(0, bias.Shape[0], 1, 1, 1);

    /// <summary>The shapes that the arrays of a recurrent layer have.</summary>
    public static int[][] Shapes(LayerSpec layer, int inputSize)
    {
        int rows = checked(layer.Gates * layer.HiddenSize);
        int[][] kernels = [[inputSize, rows], [layer.HiddenSize, rows]];
        return !layer.Bias ? kernels : [.. kernels, layer.Cell == CellKind.GruResetAfter ? [2, rows] : [rows]];
    }
}
