namespace SpanRnn.Formats;

/// <summary>What the axes of arrays count, in the order in which a network keeps them.</summary>
public enum PortAxis
{
    /// <summary>T, the steps.</summary>
    Steps,

    /// <summary>The states that one array holds, such as those of all layers and directions.</summary>
    Slots,

    /// <summary>N, the sequences.</summary>
    Batch,

    /// <summary>The directions of a layer.</summary>
    Directions,

    /// <summary>The numbers of a step, of a state, or of one direction of them.</summary>
    Features,
}
