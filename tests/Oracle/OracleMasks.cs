namespace SpanRnn.Tests;

/// <summary>The masks of a batch by sequence, wherever the engine keeps them; empty for nothing.</summary>
internal sealed class OracleMasks(Dropout<double>? dropout, SequenceLayout layout)
{
    /// <summary>What a step of a sequence is multiplied by before it enters a layer.</summary>
    public double[] Between(int layer, int step, int sequence) => dropout is { } masks && masks.Between(layer).Rows > 0
        ? masks.Between(layer).Row(layout.Offset(step) + Place(sequence)).ToArray()
        : [];

    /// <summary>What the final state of a sequence is multiplied by before it enters a layer, or what came of it.</summary>
    public double[] BetweenTop(int layer, int sequence) => dropout is { } masks && masks.Between(layer).Rows > 0
        ? masks.Between(layer).Row(sequence).ToArray()
        : [];

    /// <summary>What h′ of a sequence is multiplied by on its way into U.</summary>
    public double[] Recurrent(int layer, int direction, int sequence) =>
        dropout is { } masks && masks.Recurrent(layer, direction).Rows > 0
            ? masks.Recurrent(layer, direction).Row(Place(sequence)).ToArray()
            : [];

    private int Place(int sequence)
    {
        int place = 0;
        while (layout.Sequence(place) != sequence)
        {
            place++;
        }

        return place;
    }
}
