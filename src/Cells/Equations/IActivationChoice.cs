namespace SpanRnn.Cells.Equations;

/// <summary>Choice of one activation of a <see cref="LayerSpec"/>.</summary>
internal interface IActivationChoice
{
    /// <summary>True if the layer's clip limits the argument.</summary>
    static abstract bool IsClipped { get; }

    /// <summary>The chosen activation of a layer.</summary>
    static abstract ActivationSpec Of(LayerSpec layer);
}
