using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SymbolSamplerTests
{
    private static readonly float[] _p = [0.1f, 0.5f, 0.15f, 0.25f];

    /// <summary>Shares of 20,000 draws, five standard deviations of them from the right ones at most.</summary>
    [Theory]
    [InlineData(1, int.MaxValue, 1, 0.1, 0.5, 0.15, 0.25)]
    [InlineData(0.5, int.MaxValue, 1, 0.01 / 0.345, 0.25 / 0.345, 0.0225 / 0.345, 0.0625 / 0.345)]
    [InlineData(1, 2, 1, 0, 2 / 3.0, 0, 1 / 3.0)]
    [InlineData(1, int.MaxValue, 0.7, 0, 2 / 3.0, 0, 1 / 3.0)]
    [InlineData(1, int.MaxValue, 0.8, 0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9)]
    [InlineData(0.5, 2, 1, 0, 0.8, 0, 0.2)]
    [InlineData(0, int.MaxValue, 1, 0, 1, 0, 0)]
    [InlineData(1e-9, int.MaxValue, 1, 0, 1, 0, 0)]
    [InlineData(1, 1, 1, 0, 1, 0, 0)]
    public void Symbols_are_drawn_as_often_as_they_should(double temperature, int top, double mass, double a, double b, double c, double d)
    {
        const int Draws = 20_000;
        var sampler = new SymbolSampler { Temperature = temperature, TopCount = top, TopProbability = mass };
        var random = new RandomSource(1);
        int[] counts = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            counts[sampler.Draw(_p, random)]++;
        }

        foreach ((int count, double expected) in counts.Zip([a, b, c, d]))
        {
            double bound = 5 * Math.Sqrt(expected * (1 - expected) / Draws);
            Assert.True(!(Math.Abs((count / (double)Draws) - expected) > bound), $"{count} of {Draws}, expected {expected}");
        }
    }

    [Fact]
    public void Of_equally_likely_symbols_the_first_ones_are_kept()
    {
        var sampler = new SymbolSampler { TopCount = 2 };
        var random = new RandomSource(1);
        int[] drawn = [.. Enumerable.Range(0, 100).Select(_ => sampler.Draw([0.1f, 0.3f, 0.3f, 0.3f], random)).Distinct().Order()];

        Assert.Equal([1, 2], drawn);
    }

    [Fact]
    public void A_draw_allocates_nothing()
    {
        var random = new RandomSource(1);
        float[] p = [.. Enumerable.Range(0, 60).Select(i => (float)i)];
        foreach (SymbolSampler sampler in new SymbolSampler[] { new(), new() { Temperature = 0.7, TopCount = 9, TopProbability = 0.9 } })
        {
            Assert.Equal(0, Allocation.Of(() => sampler.Draw(p, random)));
        }
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SymbolSampler { Temperature = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SymbolSampler { Temperature = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SymbolSampler { TopCount = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SymbolSampler { TopProbability = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SymbolSampler { TopProbability = double.NaN });
        foreach (float[] wrong in new float[][] { [], [0, 0], [1, -1], [float.NaN], [float.PositiveInfinity] })
        {
            Assert.Throws<ArgumentException>("probabilities", () => new SymbolSampler().Draw(wrong, new RandomSource(1)));
        }
    }
}
