namespace SpanRnn.Cells.Equations;

/// <summary>The way in which U·h′ enters the pre-activation of the last gate, the candidate. All other gates simply add it.</summary>
internal enum Recurrence
{
    /// <summary>The candidate adds its product as the other gates do.</summary>
    Together,

    /// <summary>The product is handed to the cell on its own, and the cell weighs it (reset-after GRU).</summary>
    Apart,

    /// <summary>The product is with a state that the cell gates first (reset-before GRU).</summary>
    Gated,
}
