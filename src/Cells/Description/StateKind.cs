namespace SpanRnn;

/// <summary>Which of a cell's states.</summary>
public enum StateKind
{
    /// <summary>h, what the cell gives out.</summary>
    Hidden,

    /// <summary>c of an LSTM.</summary>
    Cell,
}
