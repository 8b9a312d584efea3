using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class BootstrapTests
{
    [Fact]
    public void An_interval_of_a_mean_is_that_of_the_normal_distribution()
    {
        int[] correct = [.. Enumerable.Range(0, 400).Select(row => row % 5 == 0 ? 0 : 1)];

        Estimate accuracy = Bootstrap.Of(400, counts => counts.Zip(correct, (count, c) => count * c).Sum() / 400.0, 1);

        Assert.Equal(0.8, accuracy.Value);
        double half = 1.96 * Math.Sqrt(0.8 * 0.2 / 400);
        Assert.InRange(accuracy.Low, 0.8 - (1.2 * half), 0.8 - (0.8 * half));
        Assert.InRange(accuracy.High, 0.8 + (0.8 * half), 0.8 + (1.2 * half));
    }

    /// <summary>Out of 200 data sets of coins, 95 % of the intervals hold the probability: 176 or fewer would be once in 10,000.</summary>
    [Fact]
    public void Intervals_hold_the_truth_as_often_as_they_say()
    {
        var random = new RandomSource(3);
        int held = 0;
        for (int set = 0; set < 200; set++)
        {
            int[] heads = [.. Enumerable.Range(0, 100).Select(_ => random.NextInt(2))];
            Estimate share = Bootstrap.Of(100, counts => counts.Zip(heads, (count, head) => count * head).Sum() / 100.0, (ulong)set);
            held += share.Low <= 0.5 && share.High >= 0.5 ? 1 : 0;
        }

        Assert.InRange(held, 177, 200);
    }

    [Fact]
    public void A_seed_determines_the_interval_and_each_data_set_has_as_many_rows()
    {
        Assert.Equal(Bootstrap.Of(9, First, 1), Bootstrap.Of(9, First, 1));
        Assert.Equal(new Estimate(9, 9, 9), Bootstrap.Of(9, counts => counts.Sum(), 1));

        double First(int[] counts) => counts[0] + (counts[1] / 3.0);
    }

    [Fact]
    public void Figures_of_nothing_do_not_count()
    {
        Assert.Equal(new Estimate(1, 1, 1), Bootstrap.Of(2, counts => counts[0] == 0 ? double.NaN : 1, 1));
        Assert.Equal(new Estimate(double.NaN, double.NaN, double.NaN), Bootstrap.Of(2, _ => double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Of(0, _ => 1, 1));
    }
}
