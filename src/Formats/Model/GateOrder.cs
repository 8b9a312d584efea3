using System.Diagnostics;

namespace SpanRnn.Formats.Model;

/// <summary>
/// Order of the gates in another system's weights, as data: for each gate of this library, its block there. The gates here are i f g o of
/// an LSTM (i g o if coupled), r z n of a GRU, and i f o of peepholes (i o if coupled). An Elman layer has one block.
/// </summary>
internal sealed class GateOrder
{
    private readonly int[] _lstm;
    private readonly int[] _gru;

    private GateOrder(string lstm, string gru)
    {
        _lstm = [.. "ifgo".Select(gate => lstm.IndexOf(gate, StringComparison.Ordinal))];
        _gru = [.. "rzn".Select(gate => gru.IndexOf(gate, StringComparison.Ordinal))];
    }

    /// <summary>PyTorch and the LSTM of NAM: this library's own order.</summary>
    /// <remarks>torch.nn.LSTM and torch.nn.GRU, "Variables"; NeuralAmpModelerCore, NAM/lstm.cpp.</remarks>
    public static GateOrder PyTorch { get; } = new("ifgo", "rzn");

    /// <summary>ONNX, whose c and h are g and n here.</summary>
    /// <remarks>ONNX operators LSTM ("iofc"), GRU ("zrh"), RNN.</remarks>
    public static GateOrder Onnx { get; } = new("iofg", "zrn");

    /// <summary>Keras 2 and 3, also as RTNeural writes its layers.</summary>
    /// <remarks>keras.layers.LSTMCell ("i, f, c, o"), GRUCell ("z, r, h").</remarks>
    public static GateOrder Keras { get; } = new("ifgo", "zrn");

    /// <summary>Blocks of a layer's weights and biases.</summary>
    /// <param name="layer">
    /// The layer. If its gates are coupled, the other system has all four blocks: only this library leaves one out.
    /// </param>
    public int[] Of(RecurrentLayer layer) => layer switch
    {
        { Cell: CellKind.Lstm, CoupledGates: true } => [_lstm[0], _lstm[2], _lstm[3]],
        { Cell: CellKind.Lstm } => _lstm,
        { Cell: CellKind.GruResetAfter or CellKind.GruResetBefore } => _gru,
        { Cell: CellKind.Elman } => [0],
        _ => throw new UnreachableException(),
    };

    /// <summary>Blocks of an LSTM's peepholes in ONNX's P, whose order is i o f.</summary>
    public static int[] OnnxPeepholes(RecurrentLayer layer) => layer.CoupledGates ? [0, 1] : [0, 2, 1];
}
