namespace SpanRnn;

/// <summary>Kind of a cell's state.</summary>
public enum StateKind
{
    /// <summary>h, which is the cell's output.</summary>
    Hidden,

    /// <summary>c of an LSTM.</summary>
    Cell,
}
