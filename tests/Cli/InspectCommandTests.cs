using SpanRnn.Cells;

namespace SpanRnn.Tests;

public class InspectCommandTests
{
    [Fact]
    public void Layers_shapes_counts_and_sizes_are_shown()
    {
        using var folder = new CliFolder();
        var layer = new LayerSpec(CellKind.Lstm, 300) { Bidirectional = true, ProjectionSize = 2 };
        folder.WriteModel("m", new NetworkSpec(5, [layer, layer], new HeadSpec(3, HeadPosition.LastStep)));

        string output = folder.Succeed("inspect", "{m}");

        Assert.DoesNotContain('\u001b', output);
        string[] lines = [.. output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Contains("layer 0 LSTM, 5 → 4, hidden size 300, projected to 2, both directions", lines);
        Assert.Contains("layer 1 LSTM, 4 → 4, hidden size 300, projected to 2, both directions", lines);
        Assert.Contains("head dense, 4 → 3, on the last step", lines);
        Assert.Contains("output 3 per sequence", lines);
        Assert.Contains("parameters 43,215 of F32, 172,860 bytes", lines);
        Assert.Contains("metadata spanrnn = {\"head\":\"last_step\"}", lines);
        Assert.Contains("rnn.weight_ih_l1_reverse [1200, 4] F32 4,800 19,200", lines);
    }
}
