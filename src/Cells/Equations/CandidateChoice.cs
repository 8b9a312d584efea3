namespace SpanRnn.Cells.Equations;

/// <summary>The activation of g in an LSTM, of n in a GRU, of h in an Elman layer.</summary>
internal readonly struct CandidateChoice : IActivationChoice
{
    public static bool IsClipped => true;

    public static ActivationSpec Of(LayerSpec layer) => layer.Activation;
}
