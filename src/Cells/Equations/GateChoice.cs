namespace SpanRnn.Cells.Equations;

/// <summary>The activation of i, f and o in an LSTM, of r and z in a GRU.</summary>
internal readonly struct GateChoice : IActivationChoice
{
    public static bool IsClipped => true;

    public static ActivationSpec Of(LayerSpec layer) => layer.GateActivation;
}
