namespace SpanRnn.Tests;

/// <summary>Steps on symbols.</summary>
[Trait("Category", "Simd")]
public class SymbolStepTests
{
    private const int Symbols = 5;

    private static readonly LayerSpec[] _layers = [new RecurrentLayer(CellKind.GruResetAfter, 18), new DenseLayer(Symbols)];

    public static TheoryData<bool, WeightPrecision> Networks
    {
        get
        {
            var data = new TheoryData<bool, WeightPrecision>();
            foreach (WeightPrecision precision in PackedProblems.Precisions)
            {
                data.Add(false, precision);
                data.Add(true, precision);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_step_on_a_symbol_is_one_on_its_numbers(bool embeds, WeightPrecision precision)
    {
        PackedNetwork network = Pack(Spec(embeds), precision);
        StreamState bySymbol = network.CreateStream(), byNumbers = network.CreateStream();
        float[] x = new float[network.InputSize], y = new float[Symbols], z = new float[Symbols];
        foreach (int symbol in (int[])[0, 4, 2, 2, 1, 3, 0])
        {
            network.Embed([symbol], x);
            byNumbers.Step(x, y);
            bySymbol.Step(symbol, z);

            Assert.Equal(y, z);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Other_symbols_and_lengths_are_refused_and_nothing_changes(bool embeds)
    {
        PackedNetwork network = Pack(Spec(embeds), WeightPrecision.Fp32);
        StreamState stream = network.CreateStream();
        float[] y = [.. Enumerable.Repeat(0.25f, Symbols)], before = PackedRun.Values(stream);
        foreach (int symbol in (int[])[-1, Symbols, int.MaxValue, int.MinValue])
        {
            ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => stream.Step(symbol, y));
            Assert.Equal("symbol", e.ParamName);
            Assert.StartsWith($"'symbol' is {symbol}, expected 0 to 4.", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal("y", Assert.Throws<ArgumentException>(() => stream.Step(1, y.AsSpan(1))).ParamName);
        Assert.All(y, value => Assert.Equal(0.25f, value));
        Assert.Equal(before, PackedRun.Values(stream));
    }

    [Fact]
    public void A_network_that_needs_whole_sequences_has_no_such_step()
    {
        PackedNetwork network = Pack(
            new NetworkSpec(Symbols, new RecurrentLayer(CellKind.Lstm, 4) { Bidirectional = true }), WeightPrecision.Fp32);

        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => network.CreateStream().Step(1, new float[8]));

        Assert.Contains("needs whole sequences", e.Message, StringComparison.Ordinal);
    }

    private static NetworkSpec Spec(bool embeds) =>
        embeds ? new NetworkSpec(new EmbeddingSpec(Symbols, 7), _layers) : new NetworkSpec(Symbols, _layers);

    private static PackedNetwork Pack(NetworkSpec spec, WeightPrecision precision)
    {
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(3));
        return new PackedNetwork(spec, parameters, precision);
    }
}
