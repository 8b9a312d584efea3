using SpanRnn.Cells;

namespace SpanRnn.Tests;

/// <summary>The tape's numbers per live step, as src/Cells/README.md states them.</summary>
public class TapeLengthTests
{
    private const int Inputs = 32;
    private const int Units = 16;

    [Theory]
    [InlineData(CellKind.Elman, 0, 0)]
    [InlineData(CellKind.Lstm, 0, 5 * Units)]
    [InlineData(CellKind.Lstm, 8, 6 * Units)]
    [InlineData(CellKind.GruResetAfter, 0, 4 * Units)]
    [InlineData(CellKind.GruResetBefore, 0, 4 * Units)]
    public void A_step_of_a_sequence_takes_what_backward_reads(CellKind cell, int projection, int expected)
    {
        var layer = new LayerSpec(cell, Units) { ProjectionSize = projection };
        var network = new Network<float>(new NetworkSpec(Inputs, layer));

        // Sizes that are multiples of 16, so that nothing is rounded up; the difference leaves out what a batch has once.
        int perRow = (Length(network, 32, 16) - Length(network, 16, 16)) / (16 * 16);

        Assert.Equal(Inputs + layer.OutputSize + expected, perRow);
    }

    private static int Length(Network<float> network, int steps, int batch)
    {
        var layout = new SequenceLayout();
        layout.Set(steps, batch);
        return network.TapeLength(layout);
    }
}
