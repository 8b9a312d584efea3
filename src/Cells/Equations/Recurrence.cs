namespace SpanRnn.Cells.Equations;

/// <summary>How U·h′ of the last gate, the candidate, enters its pre-activation. All other gates simply add it.</summary>
internal enum Recurrence
{
    /// <summary>Added like that of the other gates.</summary>
    Together,

    /// <summary>Handed to the cell on its own, which weighs it (reset-after GRU).</summary>
    Apart,

    /// <summary>The product is with a state that the cell has gated first (reset-before GRU).</summary>
    Gated,
}
