namespace SpanRnn.Formats.Model;

/// <summary>Meaning of an array's axis. The order of the values is the order of the axes in a network.</summary>
internal enum PortAxis
{
    /// <summary>T, the steps.</summary>
    Steps,

    /// <summary>The states that one array holds, such as the states of all layers and directions.</summary>
    Slots,

    /// <summary>N, the sequences.</summary>
    Batch,

    /// <summary>The directions of a layer.</summary>
    Directions,

    /// <summary>The numbers of one step or one state, or of one of its directions.</summary>
    Features,
}
