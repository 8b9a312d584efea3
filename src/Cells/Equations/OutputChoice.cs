namespace SpanRnn.Cells.Equations;

/// <summary>The activation ψ of c in h = o ⊙ ψ(c), which has no clip.</summary>
internal readonly struct OutputChoice : IActivationChoice
{
    public static bool IsClipped => false;

    public static ActivationSpec Of(LayerSpec layer) => layer.OutputActivation;
}
