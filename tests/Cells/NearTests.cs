namespace SpanRnn.Tests;

/// <summary>The comparison with the largest number is itself compared.</summary>
public class NearTests
{
    [Theory]
    [InlineData(0.5 + 0.9e-9, true)]
    [InlineData(0.5 - 0.9e-9, true)]
    [InlineData(0.5 + 1.1e-9, false)]
    [InlineData(0.5 - 1.1e-9, false)]
    [InlineData(double.NaN, false)]
    [InlineData(double.NegativeInfinity, false)]
    public void A_difference_is_measured_by_the_largest_number(double actual, bool expected)
    {
        Exception? failure = Record.Exception(() => Near.AssertOfLargest<double>("x", [0.5, -1000], [actual, -1000], 1e-12));

        Assert.Equal(expected, failure is null);
    }

    [Fact]
    public void Numbers_below_1_are_measured_by_1()
    {
        Near.AssertOfLargest<double>("x", [0.5], [0.5 + 0.9e-12], 1e-12);
        Assert.ThrowsAny<Exception>(() => Near.AssertOfLargest<double>("x", [0.5], [0.5 + 1.1e-12], 1e-12));
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    public void Nothing_is_near_numbers_that_are_not_finite(double largest) =>
        Assert.ThrowsAny<Exception>(() => Near.AssertOfLargest<double>("x", [0.5, largest], [0.5, largest], 1e-12));
}
