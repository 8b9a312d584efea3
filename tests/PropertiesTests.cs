using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace SpanRnn.Tests;

/// <summary>
/// Runs of small properties. No other test runs meanwhile, since the variable that these change is read by every property.
/// </summary>
[Collection(nameof(PropertiesTests))]
[CollectionDefinition(nameof(PropertiesTests), DisableParallelization = true)]
public sealed class PropertiesTests : IDisposable
{
    private readonly string? _variable = Environment.GetEnvironmentVariable(Properties.Variable);

    public PropertiesTests() => Environment.SetEnvironmentVariable(Properties.Variable, null);

    public void Dispose() => Environment.SetEnvironmentVariable(Properties.Variable, _variable);

    [Fact]
    public void A_false_property_fails_and_names_the_draw_the_smallest_one_and_the_seeds()
    {
        string message = Assert.IsAssignableFrom<ITestFailed>(Run(nameof(Small.Is_below_300))).Messages[0];

        Assert.Contains("(20251122,1)", message, StringComparison.Ordinal);
        Assert.Matches(@"Original:\s+[3-9]\d\d\s", message);
        Assert.Matches(@"Shrunk:\s+300\s", message);
    }

    [Fact]
    public void Every_run_draws_the_same()
    {
        int[] first = Drawn();

        Assert.Equal(50, first.Length);
        Assert.True(first.Distinct().Count() > 40);
        Assert.Equal(first, Drawn());
    }

    [Fact]
    public void With_the_variable_every_run_draws_afresh()
    {
        int[] usual = Drawn();
        Environment.SetEnvironmentVariable(Properties.Variable, "yes");
        int[] first = Drawn(), second = Drawn();

        Assert.Equal((50, 50), (first.Length, second.Length));
        Assert.NotEqual(usual, first);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("120", 120)]
    [InlineData("0", 50)]
    [InlineData("-3", 50)]
    public void A_number_in_the_variable_is_the_number_of_draws(string value, int expected)
    {
        Environment.SetEnvironmentVariable(Properties.Variable, value);

        Assert.Equal(expected, Drawn().Length);
    }

    [Fact]
    public void A_property_inside_a_test_draws_what_an_attribute_would()
    {
        Assert.Equal(Drawn(), Held());

        Environment.SetEnvironmentVariable(Properties.Variable, "yes");
        Assert.NotEqual(Held(), Held());
    }

    [Fact]
    public void A_false_property_inside_a_test_fails_and_names_the_draw()
    {
        Exception failure = Assert.ThrowsAny<Exception>(
            () => Properties.Hold(Gen.Choose(7, 9), n => Assert.NotInRange(n, 9, 9), 100));

        Assert.Contains("9", failure.Message, StringComparison.Ordinal);
        Assert.Contains("(20251122,1)", failure.Message, StringComparison.Ordinal);
    }

    private static int[] Drawn()
    {
        Small.Drawn.Clear();
        Assert.IsAssignableFrom<ITestPassed>(Run(nameof(Small.Holds)));
        return [.. Small.Drawn];
    }

    private static int[] Held()
    {
        List<int> drawn = [];
        Properties.Hold(Numbers.Draws().Generator, drawn.Add, 50);
        return [.. drawn];
    }

    /// <summary>The result of a property of <see cref="Small"/>.</summary>
    private static ITestResultMessage Run(string property)
    {
        var assembly = new TestAssembly(Reflector.Wrap(typeof(Small).Assembly));
        var type = new TestClass(new TestCollection(assembly, null, nameof(Small)), Reflector.Wrap(typeof(Small)));
        var method = new TestMethod(type, Reflector.Wrap(typeof(Small).GetMethod(property)));
        using var test = new PropertyTestCase(
            new NullMessageSink(), TestMethodDisplay.ClassAndMethod, TestMethodDisplayOptions.None, method, null);
        using var bus = new Messages();
        using var stop = new CancellationTokenSource();
        test.RunAsync(new NullMessageSink(), bus, [], new ExceptionAggregator(), stop).Wait();
        return Assert.Single(bus.All.OfType<ITestResultMessage>());
    }

    private static class Numbers
    {
        public static Arbitrary<int> Draws() => Arb.From(Gen.Choose(0, 999), n => n > 0 ? [n / 2, n - 1] : []);
    }

    // Not public, so that only Run finds its properties.
#pragma warning disable xUnit1000
    private sealed class Small
    {
        public static List<int> Drawn { get; } = [];

        [Property(MaxTest = 50, Arbitrary = [typeof(Numbers)])]
        public void Holds(int n) => Drawn.Add(n);

        [Property(Arbitrary = [typeof(Numbers)])]
        public void Is_below_300(int n) => Assert.True(n < 300);
    }
#pragma warning restore xUnit1000

    private sealed class Messages : IMessageBus
    {
        public List<IMessageSinkMessage> All { get; } = [];

        public bool QueueMessage(IMessageSinkMessage message)
        {
            All.Add(message);
            return true;
        }

        public void Dispose()
        {
        }
    }
}
