namespace SpanRnn.Cells.Description;

/// <summary>Rows that a layer of the stack reads.</summary>
internal enum LayerInput
{
    /// <summary>The live rows of all steps.</summary>
    Steps,

    /// <summary>One row per sequence: the output of the layer below, which has one row per sequence too.</summary>
    Sequences,

    /// <summary>One row per sequence: the final h of each direction of the layer below.</summary>
    FinalStates,

    /// <summary>
    /// One row per sequence: the output of the layer below at the last step. In the forward direction, and for a sequence without steps,
    /// this is the final h.
    /// </summary>
    LastOutputs,
}
