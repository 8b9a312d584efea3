using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Keras;

/// <summary>
/// Arrays of Keras's layers as parameters. Kernels are [inputs, gates · units], so parameters are read from them transposed. A recurrent
/// layer has [kernel, recurrent kernel, bias].
/// </summary>
/// <remarks>keras.layers.SimpleRNNCell, LSTMCell and GRUCell, build().</remarks>
internal static class KerasWeights
{
    /// <summary>Adds the sources of one direction of a recurrent layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="direction">The direction.</param>
    /// <param name="arrays">[kernel, recurrent kernel] and, if the layer has biases, the bias.</param>
    /// <param name="sources">The sources so far.</param>
    public static void Add(
        RecurrentLayer layer,
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

        // In Keras only a GRU with reset_after has the second bias; the bias of all other layers is the sum of both.
        sources.Add((direction, ParameterRole.InputBias), arrays[2].Window(0, rows, 1, 1, 1, order));
        sources.Add(
            (direction, ParameterRole.RecurrentBias),
            layer.Cell == CellKind.GruResetAfter ? arrays[2].Window(rows, rows, 1, 1, 1, order) : ParameterSource.Zeros(rows, 1));
    }

    /// <summary>Transposes a kernel: [inputs, rows] → [rows, inputs].</summary>
    /// <param name="kernel">The array.</param>
    /// <param name="rows">Its second size.</param>
    /// <param name="order">The blocks of rows, or null.</param>
    public static ParameterSource Transposed(ParameterSource kernel, int rows, int[]? order = null) =>
        kernel.Window(0, rows, kernel.Shape[0], 1, rows, order);

    /// <summary>Makes an array a column: numbers for all rows, or one that all rows share.</summary>
    public static ParameterSource Column(ParameterSource vector, int rows) => vector.Window(0, rows, 1, vector.Columns == rows ? 1 : 0, 1);

    /// <summary>Shapes of a recurrent layer's arrays.</summary>
    public static int[][] Shapes(RecurrentLayer layer, int inputSize)
    {
        int rows = checked(layer.Gates * layer.HiddenSize);
        int[][] kernels = [[inputSize, rows], [layer.HiddenSize, rows]];
        return !layer.Bias ? kernels : [.. kernels, layer.Cell == CellKind.GruResetAfter ? [2, rows] : [rows]];
    }
}
