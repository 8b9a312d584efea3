namespace SpanRnn.Cells.Equations;

/// <summary>A GRU that resets the candidate's recurrent product, as in cuDNN and PyTorch.</summary>
internal readonly struct ResetAfter;
