using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class LikelihoodReportTests
{
    [Fact]
    public void Guesses_among_four_have_a_perplexity_of_four_and_two_bits()
    {
        var report = new LikelihoodReport([3 * Math.Log(0.25), 5 * Math.Log(0.25)], [3, 5], 1);

        foreach (double perplexity in new[] { report.Perplexity.Value, report.Perplexity.Low, report.Perplexity.High })
        {
            Assert.Equal(4, perplexity, 1e-12);
        }

        Assert.Equal(2, report.BitsPerSymbol.Value, 1e-12);
    }

    // One symbol of 1 bit and three of 3 bits: 10 bits over 4 symbols, and between the two sequences.
    [Fact]
    public void Long_sequences_count_for_their_symbols()
    {
        var report = new LikelihoodReport([Math.Log(0.5), 3 * Math.Log(0.125)], [1, 3], 1);

        Assert.Equal(2.5, report.BitsPerSymbol.Value, 1e-12);
        Assert.Equal(1, report.BitsPerSymbol.Low, 1e-12);
        Assert.Equal(3, report.BitsPerSymbol.High, 1e-12);
        Assert.Equal(Math.Pow(2, 2.5), report.Perplexity.Value, 1e-12);
    }

    [Fact]
    public void Certain_and_impossible_symbols_have_their_limits()
    {
        Assert.Equal(new Estimate(1, 1, 1), new LikelihoodReport([0], [7], 1).Perplexity);
        Assert.Equal(double.PositiveInfinity, new LikelihoodReport([0, double.NegativeInfinity], [1, 1], 1).Perplexity.Value);
        Assert.Equal(1, new LikelihoodReport([0, double.NegativeInfinity], [1, 1], 1).Perplexity.Low);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LikelihoodReport([], [], 1));
        Assert.Throws<ArgumentException>(() => new LikelihoodReport([-1], [1, 1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LikelihoodReport([1], [1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LikelihoodReport([double.NaN], [1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LikelihoodReport([-1], [0], 1));
    }
}
