using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

public class SequenceLayoutTests
{
    // One layout for all draws: an earlier and larger batch must leave no trace.
    private readonly SequenceLayout _layout = new();

    [Fact]
    public void A_new_layout_is_empty()
    {
        var layout = new SequenceLayout();
        Assert.Equal((0, 0, 0), (layout.Steps, layout.Batch, layout.Rows));
        Assert.Equal(0, layout.Offset(0));
        Assert.Equal(0, layout.Live(0));
    }

    [Fact]
    public void Longest_first_and_equal_ones_in_the_order_given()
    {
        var layout = new SequenceLayout();
        layout.Set(4, [2, 0, 4, 2, 3]);
        Assert.Equal([2, 4, 0, 3, 1], Enumerable.Range(0, 5).Select(layout.Sequence));
        Assert.Equal([4, 4, 2, 1], Enumerable.Range(0, 4).Select(layout.Live));
        Assert.Equal([0, 4, 8, 10, 11], Enumerable.Range(0, 5).Select(layout.Offset));
        Assert.Equal([2, 0, 4, 2, 3], Enumerable.Range(0, 5).Select(layout.Length));
        Assert.Equal(11, layout.Rows);
        Assert.False(layout.IsUnpadded);
    }

    [Fact]
    public void Full_batches_lie_as_the_caller_has_them()
    {
        var layout = new SequenceLayout();
        layout.Set(3, 4);
        Assert.True(layout.IsUnpadded);
        Assert.Equal(12, layout.Rows);
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(layout.Sequence));
        Assert.Equal([0, 4, 8, 12], Enumerable.Range(0, 4).Select(layout.Offset));
        Assert.Equal(0, layout.Live(-1));
        Assert.Equal(0, layout.Live(3));
    }

    [Property(MaxTest = 500, Arbitrary = [typeof(Lengths)])]
    public void Any_lengths_in_any_succession((int Steps, int[] Each) lengths)
    {
        _layout.Set(lengths.Steps, lengths.Each);
        Same(_layout, lengths.Steps, lengths.Each);
    }

    [Fact]
    public void The_same_from_lengths_as_from_a_number()
    {
        var one = new SequenceLayout();
        var other = new SequenceLayout();
        one.Set(5, 3);
        other.Set(5, [5, 5, 5]);
        Assert.Equal((one.Steps, one.Batch, one.Rows, one.IsUnpadded), (other.Steps, other.Batch, other.Rows, other.IsUnpadded));
        Assert.Equal(Enumerable.Range(0, 3).Select(one.Sequence), Enumerable.Range(0, 3).Select(other.Sequence));
    }

    [Fact]
    public void Lengths_are_copied()
    {
        var layout = new SequenceLayout();
        int[] lengths = [1, 2];
        layout.Set(2, lengths);
        lengths[0] = 2;
        Assert.Equal(1, layout.Length(0));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(3, -1)]
    [InlineData(0, 1)]
    public void A_length_outside_the_steps_is_refused(int steps, int length)
    {
        var layout = new SequenceLayout();
        layout.Set(7, [5, 6]);
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => layout.Set(steps, [0, length]));
        Assert.Equal("lengths", e.ParamName);
        Assert.StartsWith($"'lengths' has {length} at index 1, expected 0 to {steps} = steps.", e.Message, StringComparison.Ordinal);
        Same(layout, 7, [5, 6]);
    }

    [Theory]
    [InlineData(-1, 2, "steps", "'steps' is -1, expected 0 or more.")]
    [InlineData(2, -1, "batch", "'batch' is -1, expected 0 or more.")]
    [InlineData(65536, 32768, "batch", "'steps' × 'batch' is 2147483648, expected at most 2147483647.")]
    public void A_size_that_cannot_be_is_refused(int steps, int batch, string name, string message)
    {
        var layout = new SequenceLayout();
        layout.Set(7, [5, 6]);
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => layout.Set(steps, batch));
        Assert.Equal(name, e.ParamName);
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Same(layout, 7, [5, 6]);
    }

    [Fact]
    public void Negative_steps_are_refused_with_lengths_too()
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceLayout().Set(-1, [0]));
        Assert.Equal("steps", e.ParamName);
        Assert.StartsWith("'steps' is -1, expected 0 or more.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Length_refuses_an_index_outside_the_batch(int sequence)
    {
        var layout = new SequenceLayout();
        layout.Set(7, [1, 2, 3, 4]);
        layout.Set(7, [5, 6]);
        Assert.ThrowsAny<Exception>(() => layout.Length(sequence));
    }

    [Fact]
    public void Setting_anew_allocates_nothing()
    {
        var layout = new SequenceLayout();
        int[] lengths = [3, 9, 0, 4];
        layout.Set(9, 4);
        Allocation.AssertNone(() => layout.Set(9, lengths));
        Allocation.AssertNone(() => layout.Set(9, 4));
        Allocation.AssertNone(() => layout.Set(5, 3));
    }

    /// <summary>Compares the layout with one made by sorting and counting.</summary>
    private static void Same(SequenceLayout layout, int steps, int[] lengths)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Length).OrderByDescending(b => lengths[b])];
        Assert.Equal((steps, lengths.Length, lengths.Sum()), (layout.Steps, layout.Batch, layout.Rows));
        Assert.Equal(order, Enumerable.Range(0, lengths.Length).Select(layout.Sequence));
        Assert.Equal(lengths, Enumerable.Range(0, lengths.Length).Select(layout.Length));
        Assert.Equal(Array.TrueForAll(lengths, l => l == steps), layout.IsUnpadded);
        int offset = 0;
        for (int t = 0; t < steps; t++)
        {
            int live = lengths.Count(l => l > t);
            Assert.Equal((offset, live), (layout.Offset(t), layout.Live(t)));
            offset += live;
        }

        Assert.Equal(offset, layout.Offset(steps));
    }

    [Fact]
    public void More_steps_than_an_array_holds_are_refused_and_change_nothing()
    {
        var layout = new SequenceLayout();
        layout.Set(2, 3);
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => layout.Set(int.MaxValue, 0));
        Assert.Equal("steps", e.ParamName);
        Assert.Equal((2, 3, 6), (layout.Steps, layout.Batch, layout.Rows));
    }

    private static class Lengths
    {
        public static Arbitrary<(int Steps, int[] Each)> Draws() => Arb.From(
            from steps in Gen.Choose(0, 12)
            from batch in Gen.Choose(0, 9)
            from lengths in Gen.Choose(0, steps).ArrayOf(batch)
            select (steps, lengths));
    }
}
