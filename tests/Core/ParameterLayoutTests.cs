using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

public class ParameterLayoutTests
{
    [Fact]
    public void Tensors_stand_in_order_at_multiples_of_sixteen()
    {
        var layout = new ParameterLayout(("weight", 3, 5), ("bias", 17, 1), ("none", 0, 4), ("last", 1, 1));

        Assert.Equal([("weight", 0, 15), ("bias", 16, 17), ("none", 48, 0), ("last", 48, 1)],
            layout.Slots.ToArray().Select(slot => (slot.Name, slot.Offset, slot.Length)));
        Assert.Equal(33, layout.Count);
        Assert.Equal(64, layout.Length);
        Assert.Same(layout.Slots[1], layout["bias"]);
        Assert.Equal((17, 1), (layout["bias"].Rows, layout["bias"].Columns));
    }

    [Property(Arbitrary = [typeof(Sizes)])]
    public void Drawn_layouts_never_overlap((int Rows, int Columns)[] sizes)
    {
        var layout = new ParameterLayout([.. sizes.Select((size, i) => ($"p{i}", size.Rows, size.Columns))]);
        float[] buffer = new float[layout.Length];
        foreach (ParameterSlot slot in layout.Slots)
        {
            Assert.Equal(0, slot.Offset % 16);
            Assert.Equal(slot.Rows * slot.Columns, slot.In<float>(buffer).Length);
            foreach (ref float value in slot.In(buffer.AsSpan()))
            {
                value++;
            }
        }

        Assert.Equal(layout.Count, buffer.Count(value => value == 1));
        Assert.DoesNotContain(buffer, value => value > 1);
    }

    [Fact]
    public void A_slot_is_a_part_of_its_buffer()
    {
        ParameterSlot slot = new ParameterLayout(("a", 1, 1), ("b", 1, 2))["b"];
        double[] buffer = new double[32];
        slot.In(buffer.AsSpan())[1] = 7;

        Assert.Equal(7, buffer[17]);
        Assert.Equal(7, slot.In((ReadOnlySpan<double>)buffer)[1]);
        Assert.ThrowsAny<ArgumentException>(() => slot.In<double>(new double[17]).Length);
    }

    [Fact]
    public void An_empty_layout_has_nothing()
    {
        var layout = new ParameterLayout();
        Assert.Equal((0, 0, 0), (layout.Length, layout.Count, layout.Slots.Length));
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => new ParameterLayout(("a", 1, 1), ("a", 2, 2)));
        Assert.Contains("'a' is given twice", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterLayout(("a", -1, 1)));
        Assert.Contains("'a rows' is -1, expected 0 or more", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterLayout(("a", 1, -1)));
        Assert.Contains("'a columns' is -1", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterLayout(("a", 30000, 30000), ("b", 40000, 40000)));
        Assert.Contains("up to 'b' have 2500000000 numbers", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterLayout(("a", int.MaxValue, int.MaxValue)));
        failure = Assert.Throws<ArgumentException>(() => new ParameterLayout(("a", 1, 1))["b"]);
        Assert.Contains("no parameter 'b'", failure.Message, StringComparison.Ordinal);
    }

    private static class Sizes
    {
        public static Arbitrary<(int Rows, int Columns)[]> Draws() =>
            Arb.From(Gen.Choose(0, 20).Two().Select(size => (Rows: size.Item1, Columns: size.Item2)).ArrayOf(8));
    }
}
