namespace SpanRnn.Tests;

public class AllocationTests
{
    private object? _box;

    [Fact]
    public void Catches_one_boxed_int()
    {
        int number = Environment.ProcessorCount;

        Assert.Equal(3 * IntPtr.Size, Allocation.Of(() => _box = number));
        Exception failure = Assert.ThrowsAny<Exception>(() => Allocation.AssertNone(() => _box = number));
        Assert.Contains($"() => _box = number allocated {3 * IntPtr.Size} bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Passes_what_allocates_nothing()
    {
        int[] numbers = new int[100];

        Allocation.AssertNone(() => numbers.AsSpan().Sort());
        Assert.Null(_box);
    }
}
