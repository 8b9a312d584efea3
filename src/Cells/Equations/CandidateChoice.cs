namespace SpanRnn.Cells.Equations;

/// <summary>Of g; of n; of an Elman layer.</summary>
internal readonly struct CandidateChoice : IActivationChoice
{
    public static ActivationSpec Of(LayerSpec layer) => layer.Activation;
}
