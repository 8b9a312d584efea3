namespace SpanRnn.Cells.Equations;

/// <summary>A GRU that resets the state before the candidate's product (Cho et al. 2014).</summary>
internal readonly struct ResetBefore;
