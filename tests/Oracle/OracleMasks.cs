using SpanRnn.Cells.Training;

namespace SpanRnn.Tests;

/// <summary>Masks of a batch by sequence, wherever the engine keeps them; empty if there are none.</summary>
internal sealed class OracleMasks(Dropout<double>? dropout, SequenceLayout layout)
{
    /// <summary>Mask of a step of a sequence before it enters a layer.</summary>
    public double[] Between(int layer, int step, int sequence) => dropout is { } masks && masks.Between(layer).Rows > 0
        ? masks.Between(layer).Row(layout.Offset(step) + SortedIndex(sequence)).ToArray()
        : [];

    /// <summary>Mask of the one row of a sequence, which came of a pooling, before it enters a layer.</summary>
    public double[] OfSequence(int layer, int sequence) => dropout is { } masks && masks.Between(layer).Rows > 0
        ? masks.Between(layer).Row(sequence).ToArray()
        : [];

    /// <summary>Mask of h′ of a sequence on its way into U.</summary>
    public double[] Recurrent(int layer, int direction, int sequence) =>
        dropout is { } masks && masks.Recurrent(layer, direction).Rows > 0
            ? masks.Recurrent(layer, direction).Row(SortedIndex(sequence)).ToArray()
            : [];

    private int SortedIndex(int sequence)
    {
        int index = 0;
        while (layout.Sequence(index) != sequence)
        {
            index++;
        }

        return index;
    }
}
