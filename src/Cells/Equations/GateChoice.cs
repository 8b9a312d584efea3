namespace SpanRnn.Cells.Equations;

/// <summary>Of i, f, o; of r, z.</summary>
internal readonly struct GateChoice : IActivationChoice
{
    public static ActivationSpec Of(LayerSpec layer) => layer.GateActivation;
}
