using System.Numerics;
using SpanRnn.Core.Initialization;

namespace SpanRnn.Tests;

public class InitializersTests
{
    [Fact]
    public void Uniform_fills_the_range()
    {
        double[] x = new double[10_000];
        new RandomSource(3).Fill<double>(x, -2, 5);
        Assert.All(x, value => Assert.InRange(value, -2, 5));
        Assert.InRange(x.Min(), -2, -1.99);
        Assert.InRange(x.Max(), 4.99, 5);
        Assert.InRange(x.Average(), 1.4, 1.6);
    }

    [Fact]
    public void Glorot_fills_its_bounds()
    {
        float[] x = new float[10_000];
        Initializers.GlorotUniform<float>(x, 20, 30, new RandomSource(3));
        double bound = Math.Sqrt(6.0 / 50);
        Assert.All(x, value => Assert.InRange(value, -bound, bound));
        Assert.InRange(x.Min(), -bound, -0.999 * bound);
        Assert.InRange(x.Max(), 0.999 * bound, bound);

        // Variance 2 / (fanIn + fanOut).
        Assert.InRange(x.Average(value => value * value), 0.97 * 2 / 50, 1.03 * 2 / 50);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(5, 33)]
    [InlineData(33, 5)]
    [InlineData(200, 200)]
    [InlineData(1, 9)]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    public void The_shorter_side_is_orthonormal(int rows, int columns)
    {
        Orthonormal<double>(rows, columns, 1e-14);
        Orthonormal<float>(rows, columns, 1e-6);
    }

    [Fact]
    public void What_is_not_orthonormal_is_found() =>
        Assert.ThrowsAny<Exception>(() => AssertOrthonormal<double>([1, 0, 1e-9, 1], 2, 2, 1e-12));

    // All orthogonal matrices alike, not only rotations or those with a positive diagonal.
    [Fact]
    public void Orthogonal_matrices_have_both_determinants_and_no_preferred_sign()
    {
        var random = new RandomSource(3);
        int reflections = 0, negative = 0;
        double[] q = new double[4];
        for (int i = 0; i < 400; i++)
        {
            Initializers.Orthogonal<double>(q, 2, 2, random);
            reflections += (q[0] * q[3]) - (q[1] * q[2]) < 0 ? 1 : 0;
            negative += q[0] < 0 ? 1 : 0;
        }

        Assert.InRange(reflections, 150, 250);
        Assert.InRange(negative, 150, 250);
    }

    [Fact]
    public void One_seed_gives_the_same_numbers_in_both_precisions()
    {
        Same((span, random) => random.Fill(span, -1, 1), (span, random) => random.Fill(span, -1, 1));
        Same(
            (span, random) => Initializers.GlorotUniform(span, 3, 4, random),
            (span, random) => Initializers.GlorotUniform(span, 3, 4, random));
        Same((span, random) => Initializers.Orthogonal(span, 3, 4, random), (span, random) => Initializers.Orthogonal(span, 3, 4, random));

        static void Same(Fill<float> single, Fill<double> twice)
        {
            float[] x = new float[12], again = new float[12];
            double[] y = new double[12];
            single(x, new RandomSource(11));
            single(again, new RandomSource(11));
            twice(y, new RandomSource(11));
            Assert.Equal(x, again);
            Assert.Equal([.. y.Select(value => (float)value)], x);
            single(again, new RandomSource(12));
            Assert.NotEqual(x, again);
        }
    }

    [Fact]
    public void Wrong_arguments_throw()
    {
        var random = new RandomSource(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Fill<float>([], 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Fill<float>([], 0, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializers.GlorotUniform<float>([], 0, 1, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializers.GlorotUniform<float>([], 1, 0, random));
        Assert.Throws<ArgumentException>(() => Initializers.Orthogonal<float>(new float[5], 2, 3, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializers.Orthogonal<float>([], -1, 0, random));
        Assert.Throws<ArgumentNullException>(() => Initializers.Orthogonal<float>([], 0, 0, null!));
    }

    private delegate void Fill<T>(Span<T> span, RandomSource random);

    private static void Orthonormal<T>(int rows, int columns, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var q = new T[rows * columns];
        Initializers.Orthogonal<T>(q, rows, columns, new RandomSource(9));
        AssertOrthonormal(q, rows, columns, bound);
    }

    private static void AssertOrthonormal<T>(T[] q, int rows, int columns, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int count = Math.Min(rows, columns);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                double dot = 0;
                for (int k = 0; k < Math.Max(rows, columns); k++)
                {
                    (T left, T right) = rows <= columns
                        ? (q[(i * columns) + k], q[(j * columns) + k])
                        : (q[(k * columns) + i], q[(k * columns) + j]);
                    dot += double.CreateTruncating(left) * double.CreateTruncating(right);
                }

                Assert.True(Math.Abs(dot - (i == j ? 1 : 0)) <= bound, $"{rows} × {columns}: product of {i} and {j} is {dot:r}.");
            }
        }
    }
}
