using System.Numerics;
using SpanRnn.Core.Optimizers;

namespace SpanRnn.Tests;

[Trait("Category", "Simd")]
public class GradientClippingTests
{
    // torch.nn.utils.clip_grad_norm_ of PyTorch 1.13 in double.
    [Fact]
    public void Clipping_is_PyTorchs()
    {
        double[] g = [3, -4, 12];
        Assert.Equal(13d, GradientClipping.ClipNorm<double>(g, 2));
        double[] expected = [0.46153842603550577, -0.615384568047341, 1.846153704142023];
        for (int i = 0; i < 3; i++)
        {
            Assert.True(Math.Abs(g[i] - expected[i]) <= 1e-15, $"{g[i]:r}");
        }
    }

    [Fact]
    public void Below_the_maximum_nothing_changes()
    {
        float[] g = [3, -4];
        Assert.Equal(5f, GradientClipping.ClipNorm<float>(g, 5.01f));
        Assert.Equal([3f, -4f], g);
        Assert.Equal(5f, GradientClipping.ClipNorm(g, float.PositiveInfinity));
        Assert.Equal([3f, -4f], g);
        Assert.Equal(0f, GradientClipping.ClipNorm<float>([], 1));
        Assert.Equal(0f, GradientClipping.ClipNorm<float>([0, -0f], 1));
    }

    [Fact]
    public void The_norm_is_right_at_every_length_and_width()
    {
        for (int n = 0; n <= 70; n++)
        {
            CheckNorm(n);
        }

        // Long enough that sums kept in float would be seen.
        CheckNorm(300_001);
    }

    [Theory]
    [InlineData(1e20f)]
    [InlineData(1e38f)]
    [InlineData(1e15f)]
    [InlineData(1e-10f)]
    [InlineData(3e-22f)]
    [InlineData(1e-25f)]
    [InlineData(1e-45f)]
    public void Floats_whose_squares_overflow_or_vanish_have_a_norm(float unit)
    {
        float[] g = [unit, -unit, unit, unit];
        float norm = GradientClipping.ClipNorm<float>(g, float.MaxValue);
        Assert.True(Math.Abs(norm - (2.0 * unit)) <= 1e-6 * unit, $"{norm}");
        Assert.Equal([unit, -unit, unit, unit], g);
    }

    [Fact]
    public void Floats_whose_squares_overflow_are_clipped()
    {
        float[] g = [3e20f, -4e20f];
        Assert.Equal(5e20f, GradientClipping.ClipNorm<float>(g, 1));
        Assert.True(Math.Abs(g[0] - 0.6) <= 1e-6 && Math.Abs(g[1] + 0.8) <= 1e-6, $"{g[0]}, {g[1]}");
    }

    [Theory]
    [InlineData(1e15)]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    public void Doubles_whose_squares_overflow_or_vanish_have_a_norm(double unit)
    {
        double norm = GradientClipping.ClipNorm<double>([unit, -unit, unit, unit], 1);
        Assert.True(Math.Abs(norm - (2 * unit)) <= 1e-15 * unit, $"{norm}");
    }

    [Fact]
    public void An_undefined_norm_leaves_the_gradients_alone()
    {
        float[] g = [1, float.NaN, 3];
        Assert.True(float.IsNaN(GradientClipping.ClipNorm<float>(g, 1)));
        Assert.Equal([1, float.NaN, 3], g);
        g = [1, float.NegativeInfinity, 3];
        Assert.Equal(float.PositiveInfinity, GradientClipping.ClipNorm<float>(g, 1));
        Assert.Equal([1, float.NegativeInfinity, 3], g);
        g = [float.MaxValue, float.MaxValue];
        Assert.Equal(float.PositiveInfinity, GradientClipping.ClipNorm<float>(g, 1));
        Assert.Equal([float.MaxValue, float.MaxValue], g);
    }

    // torch.nn.utils.clip_grad_value_ of PyTorch 1.13 does the same, and does not count.
    [Fact]
    public void Values_beyond_the_maximum_are_limited_and_counted()
    {
        float[] g = [3, -4, 0.5f, -0.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 2, -2, 0];
        Assert.Equal(4, GradientClipping.ClipValue<float>(g, 2));
        Assert.Equal([2, -2, 0.5f, -0.5f, float.NaN, 2, -2, 2, -2, 0], g);
        Assert.Equal(0, GradientClipping.ClipValue(g, float.PositiveInfinity));
        Assert.Equal([2, -2, 0.5f, -0.5f, float.NaN, 2, -2, 2, -2, 0], g);
        Assert.Equal(0, GradientClipping.ClipValue<double>([], 1));
    }

    [Fact]
    public void Values_are_limited_at_every_length_and_width()
    {
        for (int n = 0; n <= 70; n++)
        {
            CheckValues<float>(n);
            CheckValues<double>(n);
        }

        CheckValues<float>(300_001);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1.5)]
    [InlineData(double.NaN)]
    public void A_maximum_that_is_none_is_refused(double maximum)
    {
        double[] g = [1, 2];
        Refused("maximumNorm", () => GradientClipping.ClipNorm(g, maximum));
        Refused("maximum", () => GradientClipping.ClipValue(g, maximum));
        Assert.Equal([1, 2], g);

        static void Refused(string name, Action call)
        {
            ArgumentOutOfRangeException failure = Assert.Throws<ArgumentOutOfRangeException>(call);
            Assert.Equal(name, failure.ParamName);
            Assert.Contains("expected a number above 0", failure.Message, StringComparison.Ordinal);
        }
    }

    private static void CheckValues<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[n];
        new RandomSource(5).Fill<T>(values, -3, 3);
        T maximum = T.CreateTruncating(1.25);
        T[] expected = Array.ConvertAll(values, value => T.Clamp(value, -maximum, maximum));
        int beyond = values.Count(value => T.Abs(value) > maximum);
        var g = Guarded<T>.Output(values, 3);
        Assert.Equal(beyond, GradientClipping.ClipValue(g.Span, maximum));
        g.AssertIntact();
        Assert.Equal(expected, g.Span.ToArray());
        foreach (int bits in Widths.All)
        {
            T[] clipped = [.. values];
            int changed = -1;
            Widths.Run<T, ClipValueKernel<T>>(bits, new(clipped, maximum, ref changed));
            Assert.Equal(expected, clipped);
            Assert.Equal(beyond, changed);
        }
    }

    private static void CheckNorm(int n)
    {
        float[] values = new float[n];
        new RandomSource(5).Fill<float>(values, -3, 3);
        double expected = Math.Sqrt(values.Sum(value => (double)value * value));
        var g = Guarded<float>.Output(values, 3);
        float norm = GradientClipping.ClipNorm(g.Span, 1e-3f);
        Assert.True(Math.Abs(norm - expected) <= 1e-6 * expected, $"{norm} of {n}, expected {expected}.");
        g.AssertIntact();
        for (int i = 0; i < n; i++)
        {
            Assert.True(Math.Abs(g.Span[i] - (values[i] * 1e-3 / (expected + 1e-6))) <= 1e-9, $"Element {i} of {n} is {g.Span[i]}.");
        }

        foreach (int bits in Widths.All)
        {
            double sum = -1;
            Widths.Run<float, SumOfSquaresKernel<float>>(bits, new(Guarded<float>.Input(values, 1).Span, ref sum));
            Assert.True(Math.Abs(sum - (expected * expected)) <= 2e-6 * expected * expected, $"{sum} of {n} at {bits} bits.");
        }
    }
}
