namespace SpanRnn.Cli.Sequences;

/// <summary>Names of cells as people say them.</summary>
internal static class CellNames
{
    public static string Of(CellKind cell) => cell switch
    {
        CellKind.Elman => "Elman RNN",
        CellKind.Lstm => "LSTM",
        CellKind.GruResetBefore => "GRU (reset before)",
        _ => "GRU",
    };

    /// <summary>The word of --cell.</summary>
    public static string Option(CellKind cell) => cell switch
    {
        CellKind.Elman => "elman",
        CellKind.Lstm => "lstm",
        CellKind.GruResetBefore => "gru-before",
        _ => "gru",
    };
}
