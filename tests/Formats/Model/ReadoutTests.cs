using SpanRnn.Formats.Model;

namespace SpanRnn.Tests;

public class ReadoutTests
{
    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 3);

    [Fact]
    public void Every_name_has_its_layer_and_back()
    {
        LayerSpec?[] layers =
        [
            null, new FinalStateLayer(), new PoolLayer(Pooling.Last), new PoolLayer(Pooling.Mean), new PoolLayer(Pooling.Maximum),
            new PoolLayer(Pooling.Sum), new StepLayer(0), new StepLayer(30),
        ];
        string[] names = [.. Readout.Names.Select(name => name.Replace('N', '3') + (name.EndsWith('N') ? "0" : ""))];
        Assert.Equal(layers.Length, names.Length);
        for (int i = 0; i < names.Length; i++)
        {
            Assert.True(Readout.TryParse(names[i], out LayerSpec? layer));
            Assert.Equal(layers[i], layer);
            Assert.Equal(names[i], Readout.NameOf(layer));
        }

        Assert.All(Enum.GetValues<Pooling>(), kind => Assert.NotNull(Readout.NameOf(new PoolLayer(kind))));
        Assert.Null(Readout.NameOf(new AttentionLayer()));
        Assert.Null(Readout.NameOf(new FinalStateLayer { Cells = true }));
        Assert.Null(Readout.NameOf(new DenseLayer(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mean")]
    [InlineData("attention")]
    [InlineData("step")]
    [InlineData("step:")]
    [InlineData("step:-1")]
    [InlineData("step:+1")]
    [InlineData("step:1.5")]
    [InlineData("step: 1")]
    [InlineData("step:2147483648")]
    public void Other_text_is_no_readout(string text) => Assert.False(Readout.TryParse(text, out _));

    [Fact]
    public void A_readout_is_put_above_the_last_recurrent_layer()
    {
        DenseLayer dense = new(4), head = new(2);
        SkipLayer skip = new(2) { Features = 1 };
        var spec = new NetworkSpec(2, dense, _lstm, dense, head, skip);
        FinalStateLayer final = new();
        PoolLayer mean = new(Pooling.Mean);

        Assert.Equal([dense, _lstm, final, dense, head, new SkipLayer(3) { Features = 1 }], Put(spec, final));
        Assert.Equal([dense, _lstm, mean, dense, head, new SkipLayer(3) { Features = 1 }], Put(Readout.Put(spec, final), mean));
        Assert.Equal(spec.Layers.ToArray(), Put(Readout.Put(spec, mean), null));
        Assert.Equal(mean, Readout.Of(Readout.Put(spec, mean)));
        Assert.Null(Readout.Of(spec));
        Assert.Equal(new EmbeddingSpec(5, 2), Readout.Put(new NetworkSpec(new EmbeddingSpec(5, 2), _lstm, head), final).Embedding);
        Assert.True(Readout.HasHead(spec));
        Assert.False(Readout.HasHead(new NetworkSpec(2, dense, _lstm, final)));
        Assert.False(Readout.HasHead(new NetworkSpec(2, head)));

        static LayerSpec[] Put(NetworkSpec spec, LayerSpec? readout) => Readout.Put(spec, readout).Layers.ToArray();
    }

    [Fact]
    public void What_cannot_be_put_is_refused()
    {
        var spec = new NetworkSpec(2, _lstm, new DenseLayer(2));
        Refused("'layer' is a DenseLayer, expected one that makes one row per sequence", spec, new DenseLayer(2));
        Refused("Attention has weights of its own", spec, new AttentionLayer());
        Refused("Attention has weights of its own", new NetworkSpec(2, _lstm, new AttentionLayer(), new DenseLayer(2)), null);
        Refused("both ends on one side of it", new NetworkSpec(2, _lstm, new DenseLayer(2), new SkipLayer(0)), new FinalStateLayer());

        static void Refused(string expected, NetworkSpec spec, LayerSpec? readout) => Assert.Contains(
            expected, Assert.Throws<ArgumentException>(() => Readout.Put(spec, readout)).Message, StringComparison.Ordinal);
    }
}
