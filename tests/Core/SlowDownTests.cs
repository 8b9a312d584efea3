namespace SpanRnn.Tests;

/// <summary>The interval of a ratio of times; GateTests hold its false alarms and what it catches.</summary>
public class SlowDownTests
{
    /// <summary>
    /// Tables of the signed-rank test: at 2.5 % on each side the sum of ranks 13 is still rejected for 12 rounds and 52 for 20, so that the
    /// ends are the 14th and the 53rd of the ordered means of pairs.
    /// </summary>
    [Theory]
    [InlineData(12, 14)]
    [InlineData(20, 53)]
    public void The_interval_is_that_of_the_signed_rank_test(int rounds, int rank)
    {
        double[] logRatios = [.. Enumerable.Range(1, rounds).Select(i => 0.01 * i * i)];
        double[] means = [.. logRatios.SelectMany((a, i) => logRatios.Skip(i).Select(b => (a + b) / 2)).Order()];
        double[] baseTimes = [.. Enumerable.Repeat(100.0, 2 * rounds)];
        double[] times = [.. logRatios.SelectMany(ratio => new[] { 100 * Math.Exp(ratio), 100 * Math.Exp(ratio) })];

        var slowDown = SlowDown.Of(baseTimes, times, 0.025);

        Assert.Equal(Math.Exp(means[rank - 1]), slowDown.Low, 1e-12);
        Assert.Equal(Math.Exp(means[^rank]), slowDown.High, 1e-12);
    }

    [Fact]
    public void Too_few_rounds_say_nothing()
    {
        var slowDown = SlowDown.Of([1, 1, 1, 1], [2, 2, 2, 2], 0.025);

        Assert.Equal(new SlowDown(2, 0, double.PositiveInfinity), slowDown with { Ratio = Math.Round(slowDown.Ratio, 12) });
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 2)]
    public void Six_rounds_are_the_fewest_for_95_percent(int rounds, double low)
    {
        double[] baseTimes = [.. Enumerable.Repeat(1.0, 2 * rounds)];
        double[] times = [.. Enumerable.Repeat(2.0, 2 * rounds)];

        Assert.Equal(low, SlowDown.Of(baseTimes, times, 0.025).Low, 1e-12);
    }

    [Fact]
    public void The_faster_of_two_counts()
    {
        var slowDown = SlowDown.Of([1, 9, 8, 1], [3, 2, 2, 7], 0.4);

        Assert.Equal((2.0, 2.0, 2.0), (Math.Round(slowDown.Ratio, 12), Math.Round(slowDown.Low, 12), Math.Round(slowDown.High, 12)));
    }

    [Theory]
    [InlineData(1.04, false)]
    [InlineData(1.05, false)]
    [InlineData(1.06, true)]
    [InlineData(double.NaN, true)]
    public void Only_an_interval_above_what_is_allowed_exceeds_it(double low, bool expected) =>
        Assert.Equal(expected, new SlowDown(1.07, low, 1.1).Exceeds(1.05));

    [Theory]
    [InlineData(new double[] { }, new double[] { }, 0.025, "times.Length / 2")]
    [InlineData(new[] { 1.0, 1, 1 }, new[] { 1.0, 1, 1 }, 0.025, "times")]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, 1, 1, 1 }, 0.025, "baseTimes")]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, double.NaN }, 0.025, "'times' is NaN")]
    [InlineData(new[] { 1.0, 0 }, new[] { 1.0, 1 }, 0.025, "'baseTimes' is 0, expected a finite number above 0")]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, double.PositiveInfinity }, 0.025, "'times' is")]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, 1 }, -0.1, "tail")]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, 1 }, 0.5, "tail")]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, 1 }, double.NaN, "tail")]
    public void What_is_no_time_is_named(double[] baseTimes, double[] times, double tail, string expected) =>
        Assert.Contains(
            expected,
            Assert.ThrowsAny<ArgumentException>(() => SlowDown.Of(baseTimes, times, tail)).Message,
            StringComparison.Ordinal);
}
