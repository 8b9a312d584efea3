namespace SpanRnn;

/// <summary>Merge of f, the forward half of a row, and r, the reverse half.</summary>
public enum DirectionMerge
{
    /// <summary>y = f + r.</summary>
    Sum,

    /// <summary>y = (f + r) / 2.</summary>
    Average,

    /// <summary>y = f ⊙ r.</summary>
    Product,
}
