using SpanRnn.Cells;

namespace SpanRnn.Formats;

/// <summary>
/// The order of the gates in other systems' weights, as data: for each gate of this library (LSTM i f g o, or i g o where coupled; GRU
/// r z n; peepholes i f o, or i o) its block there. An Elman layer has one.
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

    /// <summary>PyTorch, the layers of its that RTNeural reads, and the LSTM of NAM: this library's own.</summary>
    /// <remarks>torch.nn.LSTM and torch.nn.GRU, "Variables"; NeuralAmpModelerCore, NAM/lstm.cpp.</remarks>
    public static GateOrder PyTorch { get; } = new("ifgo", "rzn");

    /// <summary>ONNX; what it calls c and h is g and n here.</summary>
    /// <remarks>ONNX operators LSTM ("iofc"), GRU ("zrh"), RNN.</remarks>
    public static GateOrder Onnx { get; } = new("iofg", "zrn");

    /// <summary>Keras 2 and 3, and the layers of it that RTNeural reads.</summary>
    /// <remarks>keras.layers.LSTMCell ("i, f, c, o"), GRUCell ("z, r, h").</remarks>
    public static GateOrder Keras { get; } = new("ifgo", "zrn");

    /// <summary>The blocks of a layer's weights and biases.</summary>
    /// <param name="layer">
    /// The layer. Of coupled gates the other system has all four blocks, since none but this library leaves one out.
    /// </param>
    public int[] Of(LayerSpec layer) => layer switch
    {
        { Cell: CellKind.Lstm, CoupledGates: true } => [_lstm[0], _lstm[2], _lstm[3]],
        { Cell: CellKind.Lstm } => _lstm,
        { Cell: CellKind.GruResetAfter or CellKind.GruResetBefore } => _gru,
        _ => [0],
    };

    /// <summary>The blocks of an LSTM's peepholes in ONNX's P, which has i o f.</summary>
    public static int[] OnnxPeepholes(LayerSpec layer) => layer.CoupledGates ? [0, 1] : [0, 2, 1];
}
