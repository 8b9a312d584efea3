namespace SpanRnn.Cells.Equations;

/// <summary>A gate of an LSTM that sees c.</summary>
internal enum Peephole
{
    /// <summary>i, which sees c′.</summary>
    Input,

    /// <summary>f, which sees c′.</summary>
    Forget,

    /// <summary>o, which sees the new c.</summary>
    Output,
}
