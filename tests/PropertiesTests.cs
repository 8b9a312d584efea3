using FsCheck.Fluent;

namespace SpanRnn.Tests;

public class PropertiesTests
{
    [Fact]
    public void A_false_property_fails_and_names_the_draw()
    {
        Exception failure = Assert.ThrowsAny<Exception>(() => Properties.Hold(Gen.Choose(7, 9), n => Assert.NotInRange(n, 9, 9)));

        Assert.Contains("9", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_run_draws_the_same()
    {
        List<int> first = [], second = [];
        Properties.Hold(Gen.Choose(0, 1000), first.Add, 50);
        Properties.Hold(Gen.Choose(0, 1000), second.Add, 50);

        Assert.Equal(50, first.Count);
        Assert.True(first.Distinct().Count() > 40);
        Assert.Equal(first, second);
    }
}
