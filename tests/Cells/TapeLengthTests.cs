using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>The tape per step and row of the batch: the lengths of the table in src/Cells/README.md, and nothing more.</summary>
public class TapeLengthTests
{
    private const int Inputs = 32;
    private const int Units = 16;

    /// <summary>The first cells of the table's lines, and a layer of each.</summary>
    private static readonly Dictionary<string, LayerSpec> _lines = new()
    {
        ["Elman"] = new RecurrentLayer(CellKind.Elman, Units),
        ["Elman, other variants"] = new RecurrentLayer(CellKind.Elman, Units) { Clip = 1 },
        ["LSTM"] = new RecurrentLayer(CellKind.Lstm, Units),
        ["LSTM with a projection"] = new RecurrentLayer(CellKind.Lstm, Units) { ProjectionSize = 8 },
        ["LSTM, coupled gates"] = new RecurrentLayer(CellKind.Lstm, Units) { CoupledGates = true },
        ["GRU, reset after"] = new RecurrentLayer(CellKind.GruResetAfter, Units),
        ["GRU, reset before"] = new RecurrentLayer(CellKind.GruResetBefore, Units),
        ["Dense"] = new DenseLayer(Units) { Activation = ActivationKind.Tanh },
        ["Dense, other activations"] = new DenseLayer(Units) { Activation = ActivationKind.Softplus },
    };

    private static readonly string[][] _table =
    [
        .. File.ReadLines(Repository.PathOf("src", "Cells", "README.md"))
            .SkipWhile(line => line != "| cell | numbers | bytes in float | bytes in double |")
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]),
    ];

    public static TheoryData<string> Lines => [.. _table.Select(line => line[0])];

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_step_of_a_sequence_takes_what_the_readme_says(string line)
    {
        LayerSpec layer = _lines[line];
        string[] columns = _table.Single(columns => columns[0] == line);
        Assert.Equal(Numbers(columns[1]) * sizeof(float), Numbers(columns[2]));
        Assert.Equal(Numbers(columns[1]) * sizeof(double), Numbers(columns[3]));
        Assert.Equal(Numbers(columns[2]), BytesPerRow<float>(layer));
        Assert.Equal(Numbers(columns[3]), BytesPerRow<double>(layer));
        if (layer is RecurrentLayer recurrent)
        {
            Assert.Equal(2 * Numbers(columns[2]), BytesPerRow<float>(recurrent with { Bidirectional = true }));
            Assert.Equal(Numbers(columns[2]), BytesPerRow<float>(recurrent with { Reverse = true }));
        }
    }

    [Fact]
    public void The_readme_has_a_line_for_every_cell() => Assert.Equal(_lines.Keys, _table.Select(line => line[0]));

    [Fact]
    public void Every_cell_has_a_line() =>
        Assert.Equal(
            Enum.GetValues<CellKind>().Distinct(),
            _lines.Values.OfType<RecurrentLayer>().Select(layer => layer.Cell).Distinct().Order());

    /// <summary>Activations, biases, dropout and threads add nothing to a tape.</summary>
    [Fact]
    public void Nothing_else_counts()
    {
        foreach (LayerSpec layer in _lines.Values)
        {
            LayerSpec unbiased = layer is DenseLayer dense
                ? dense with { Bias = false }
                : (RecurrentLayer)layer with { Bias = false };
            Assert.Equal(BytesPerRow<float>(layer), BytesPerRow<float>(unbiased));
        }

        foreach (ActivationKind activation in new[] { ActivationKind.Identity, ActivationKind.Sigmoid, ActivationKind.Relu })
        {
            // Nothing reads the output of the last layer if it is dense and linear.
            int unread = activation == ActivationKind.Identity ? sizeof(float) * Units : 0;
            Assert.Equal(0, BytesPerRow<float>(new RecurrentLayer(CellKind.Elman, Units) { Activation = activation }));
            Assert.Equal(-unread, BytesPerRow<float>(new DenseLayer(Units) { Activation = activation }));
        }

        using var pool = new WorkerPool(7);
        var spec = new NetworkSpec(Inputs, _lines["LSTM"]);
        Assert.Equal(Length(new Network<float>(spec), 16, 16), Length(new Network<float>(spec, pool), 16, 16));
    }

    /// <summary>The output of one layer, which is the input of the next, is stored once.</summary>
    [Fact]
    public void A_stack_keeps_each_layers_output_once()
    {
        LayerSpec[] layers = [_lines["Elman"], _lines["LSTM with a projection"], _lines["GRU, reset after"]];
        Assert.Equal(
            sizeof(float) * (Inputs + 16 + 8 + 16 + 0 + (6 * Units) + (4 * Units)),
            Difference<float>(new NetworkSpec(Inputs, layers)));
    }

    // Bytes beside the input and output rows.
    private static int BytesPerRow<T>(LayerSpec layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Difference<T>(new NetworkSpec(Inputs, layer)) - (Unsafe.SizeOf<T>() * (Inputs + NetworkSpec.OutputSizeOf(Inputs, [layer])));

    // Sizes that are multiples of 16, so that nothing is rounded up; the difference leaves out numbers that a batch has once.
    private static int Difference<T>(NetworkSpec spec)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(spec);
        return Unsafe.SizeOf<T>() * (Length(network, 32, 16) - Length(network, 16, 16)) / (16 * 16);
    }

    private static int Length<T>(Network<T> network, int steps, int batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var layout = new SequenceLayout();
        layout.Set(steps, batch);
        return network.TapeLength(layout);
    }

    // "5·H" or "0".
    private static int Numbers(string formula)
    {
        string[] factors = formula.Split('·');
        Assert.True(factors is [_] or [_, "H"], formula);
        return int.Parse(factors[0], CultureInfo.InvariantCulture) * (factors.Length == 2 ? Units : 1);
    }
}
