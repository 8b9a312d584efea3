namespace SpanRnn.Cells.Equations;

/// <summary>Which activation of a <see cref="LayerSpec"/>.</summary>
internal interface IActivationChoice
{
    /// <summary>The activation.</summary>
    static abstract ActivationSpec Of(LayerSpec layer);
}
