namespace SpanRnn;

/// <summary>Kind of a layer's state.</summary>
public enum StateKind
{
    /// <summary>h, which is the cell's output.</summary>
    Hidden,

    /// <summary>c of an LSTM.</summary>
    Cell,

    /// <summary>Sum, maximum or last row of the steps so far of a <see cref="PoolLayer"/>.</summary>
    Pooled,

    /// <summary>Number of the steps so far of a <see cref="PoolLayer"/>.</summary>
    Count,
}
