using System.Globalization;
using System.Numerics;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>The error bounds that <see cref="Elementary"/> states, over all floats and over drawn doubles, at every width.</summary>
[Trait("Category", "Simd")]
public class ElementaryTests
{
    private const double Bound = 2;

    // Every 997th of all bit patterns, both ends and the middle of every exponent with both signs, and the numbers beside every point
    // where a formula takes another branch.
    private static readonly float[] _floats = SampleFloats();

    [Fact]
    public void Exponential_of_floats_is_within_two_ulp() =>
        CheckFloats<Exponential>(Math.Exp, [.. _floats.Where(x => x <= 0)]);

    [Fact]
    public void Sigmoid_of_floats_is_within_two_ulp() =>
        CheckFloats<Sigmoid>(x => x > 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x)), _floats);

    [Fact]
    public void Tanh_of_floats_is_within_two_ulp() => CheckFloats<Tanh>(Math.Tanh, _floats);

    [Fact]
    public void Logarithm_of_floats_is_within_two_ulp() =>
        CheckFloats<Logarithm>(LogOfOnePlus, [.. _floats.Where(x => x is >= 0 and <= 1)]);

    [Fact]
    public void Exponential_of_doubles_is_within_two_ulp() => CheckDoubles<Exponential>(Exact.ExpOfNegative, -745, 0);

    [Fact]
    public void Sigmoid_of_doubles_is_within_two_ulp() => CheckDoubles<Sigmoid>(Exact.Sigmoid, -745, 60);

    [Fact]
    public void Tanh_of_doubles_is_within_two_ulp() => CheckDoubles<Tanh>(Exact.Tanh, -25, 25);

    [Fact]
    public void Logarithm_of_doubles_is_within_two_ulp() => CheckDoubles<Logarithm>(Exact.LogOfOnePlus, 0, 1);

    [Fact]
    public void Limits_are_exact()
    {
        Assert.Equal([0f, 1f, 1f], Values<float, Exponential>([float.NegativeInfinity, 0f, -0f]));
        Assert.Equal([0d, 1d, 1d], Values<double, Exponential>([double.NegativeInfinity, 0d, -0d]));
        Assert.Equal([0f, 1f, 0.5f], Values<float, Sigmoid>([float.NegativeInfinity, float.PositiveInfinity, 0f]));
        Assert.Equal([0d, 1d, 0.5d], Values<double, Sigmoid>([double.NegativeInfinity, double.PositiveInfinity, 0d]));
        Assert.Equal([-1f, 1f, 0f], Values<float, Tanh>([float.NegativeInfinity, float.PositiveInfinity, 0f]));
        Assert.Equal([-1d, 1d, 0d], Values<double, Tanh>([double.NegativeInfinity, double.PositiveInfinity, 0d]));
        Assert.Equal("-0", Values<float, Tanh>([-0f])[0].ToString(CultureInfo.InvariantCulture));
        Assert.Equal("-0", Values<double, Tanh>([-0d])[0].ToString(CultureInfo.InvariantCulture));
        Assert.Equal([0f, 1e-20f], Values<float, Logarithm>([0f, 1e-20f]));
        Assert.Equal([0d, 1e-200], Values<double, Logarithm>([0d, 1e-200]));
    }

    [Fact]
    public void NaN_stays_NaN()
    {
        Assert.True(float.IsNaN(Values<float, Exponential>([float.NaN])[0]));
        Assert.True(float.IsNaN(Values<float, Sigmoid>([float.NaN])[0]));
        Assert.True(float.IsNaN(Values<float, Tanh>([float.NaN])[0]));
        Assert.True(float.IsNaN(Values<float, Logarithm>([float.NaN])[0]));
        Assert.True(double.IsNaN(Values<double, Exponential>([double.NaN])[0]));
        Assert.True(double.IsNaN(Values<double, Sigmoid>([double.NaN])[0]));
        Assert.True(double.IsNaN(Values<double, Tanh>([double.NaN])[0]));
        Assert.True(double.IsNaN(Values<double, Logarithm>([double.NaN])[0]));
    }

    [Fact]
    public void Every_lane_of_every_width_has_the_bits_of_one_number()
    {
        float[] floats = [.. _floats.Where((_, i) => i % 127 == 0)];
        SameBits<float, Sigmoid>(floats);
        SameBits<float, Tanh>(floats);
        SameBits<float, Relu>(floats);
        SameBits<float, HardStep>(floats);
        SameBits<float, Silu>(floats);
        SameBits<float, Gelu>(floats);
        SameBits<float, GeluTanh>(floats);
        SameBits<float, Exp>(floats);
        SameBits<float, Selu>(floats);
        SameBits<float, HardSwish>(floats);
        SameBits<float, Mish>(floats);
        SameBits<float, Exponential>([.. floats.Where(x => x <= 0)]);
        SameBits<float, Logarithm>([.. floats.Where(x => x is >= 0 and <= 1)]);
        double[] doubles = SampleDoubles(-60, 60);
        SameBits<double, Sigmoid>(doubles);
        SameBits<double, Tanh>(doubles);
        SameBits<double, Relu>(doubles);
        SameBits<double, HardStep>(doubles);
        SameBits<double, Silu>(doubles);
        SameBits<double, Gelu>(doubles);
        SameBits<double, GeluTanh>(doubles);
        SameBits<double, Exp>(doubles);
        SameBits<double, Selu>(doubles);
        SameBits<double, HardSwish>(doubles);
        SameBits<double, Mish>(doubles);
        SameBits<double, Exponential>([.. doubles.Where(x => x <= 0)]);
        SameBits<double, Logarithm>([.. doubles.Where(x => x is >= 0 and <= 1)]);
    }

    // The naive formula loses all relative accuracy near zero, and so does the library's own: the reason for the bound.
    [Fact]
    public void An_inaccurate_tanh_is_found() =>
        Assert.ThrowsAny<Exception>(() => CheckFloats<NaiveTanh>(Math.Tanh, [.. _floats.Where(x => Math.Abs(x) < 20)]));

    [Fact]
    public void An_inaccurate_tanh_of_doubles_is_found() =>
        Assert.ThrowsAny<Exception>(() => CheckDoubles<NaiveTanh>(Exact.Tanh, -1, 1));

    [Fact]
    public void A_width_with_other_bits_is_found() =>
        Assert.ThrowsAny<Exception>(() => SameBits<float, WidthDependent>(new float[20]));

    private static void CheckFloats<TFunction>(Func<double, double> reference, float[] x)
        where TFunction : struct, IActivation
    {
        float[] y = Values<float, TFunction>(x);
        double worst = 0;
        int at = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = reference(x[i]);
            double ulp = Math.ScaleB(1, Math.Max(expected == 0 ? -126 : Math.ILogB(expected), -126) - 23);
            double error = float.IsNaN(x[i]) ? (float.IsNaN(y[i]) ? 0 : double.NaN) : Math.Abs(y[i] - expected) / ulp;
            if (!(error <= worst))
            {
                (worst, at) = (error, i);
                if (double.IsNaN(error))
                {
                    break;
                }
            }
        }

        Assert.True(worst <= Bound, $"{worst} ulp at {x[at]:r}: {y[at]:r}, expected {reference(x[at]):r}.");
    }

    private static void CheckDoubles<TFunction>(Func<double, Exact> reference, double low, double high)
        where TFunction : struct, IActivation
    {
        double[] x = SampleDoubles(low, high);
        double[] y = Values<double, TFunction>(x);
        for (int i = 0; i < x.Length; i++)
        {
            double error = reference(x[i]).Ulps(y[i]);
            Assert.True(error <= Bound, $"{error} ulp at {x[i]:r}: {y[i]:r}.");
        }
    }

    private static void SameBits<T, TFunction>(T[] x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TFunction : struct, IActivation
    {
        var expected = new T[x.Length];
        Widths.Run<T, ElementwiseKernel<T, TFunction>>(0, new(x, expected));
        foreach (int bits in Widths.All)
        {
            var actual = new T[x.Length];
            Widths.Run<T, ElementwiseKernel<T, TFunction>>(bits, new(x, actual));
            for (int i = 0; i < x.Length; i++)
            {
                // Equals takes every NaN for the same, as it should be here, but −0 for 0.
                bool same = actual[i].Equals(expected[i])
                    && (T.IsNaN(actual[i]) || T.IsNegative(actual[i]) == T.IsNegative(expected[i]));
                Assert.True(same, $"{typeof(TFunction).Name}({x[i]}) at {bits} bits: {actual[i]}, expected {expected[i]}.");
            }
        }
    }

    private static T[] Values<T, TFunction>(T[] x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TFunction : struct, IActivation
    {
        var y = new T[x.Length];
        Dispatch.Run<T, ElementwiseKernel<T, TFunction>>(new(x, y));
        return y;
    }

    private static float[] SampleFloats()
    {
        List<float> floats = [];
        for (long bits = 0; bits < 1L << 32; bits += 997)
        {
            floats.Add(BitConverter.UInt32BitsToSingle((uint)bits));
        }

        for (uint exponent = 0; exponent < 512; exponent++)
        {
            foreach (uint significand in (uint[])[0, 1, 2, 0x3FFFFF, 0x400000, 0x7FFFFE, 0x7FFFFF])
            {
                floats.Add(BitConverter.UInt32BitsToSingle((exponent << 23) | significand));
            }
        }

        // Ends of ranges, and where n, the power of two taken out, changes: x / ln 2 (exponential, sigmoid) or 2x / ln 2 halfway.
        List<double> branches = [9.0109, 10, 87.3365, 88.7228, 103.2789, 103.9721, 104, 1, 0.25, 0.5];
        branches.AddRange(Enumerable.Range(0, 152).SelectMany(n => (double[])[(n + 0.5) * Math.Log(2), (n + 0.5) * Math.Log(2) / 2]));
        foreach (double branch in branches)
        {
            int bits = BitConverter.SingleToInt32Bits((float)branch);
            for (int step = -3; step <= 3; step++)
            {
                float beside = BitConverter.Int32BitsToSingle(bits + step);
                floats.Add(beside);
                floats.Add(-beside);
            }
        }

        return [.. floats];
    }

    // Evenly, around zero, by magnitude down to 1e-25, and at the edges.
    private static double[] SampleDoubles(double low, double high)
    {
        var random = new RandomSource(1);
        List<double> doubles = [.. Enumerable.Range(0, 60).SelectMany(n => BesideBranches((n + 0.5) * Math.Log(2) / 2))];
        doubles.AddRange([-708.3964, -708.3965, -744.4400, -745.1332, -745.1333, 19.0615, 20, -20, Math.BitDecrement(20)]);
        doubles.AddRange([0, -0d, double.Epsilon, -double.Epsilon, 2.3e-308, -2.3e-308, 1e-160, -1e-160, low, high]);
        for (int i = 0; i < 500; i++)
        {
            double sign = random.NextInt(2) == 0 ? 1 : -1;
            doubles.Add(low + ((high - low) * random.NextDouble()));
            doubles.Add(sign * random.NextDouble());
            doubles.Add(sign * random.NextDouble() * 20);
            doubles.Add(sign * Math.Pow(10, -25 * random.NextDouble()));
        }

        return [.. doubles.Where(x => x >= low && x <= high)];
    }

    // Points where n, the power of two taken out, changes.
    private static double[] BesideBranches(double x) =>
        [x, Math.BitDecrement(x), Math.BitIncrement(x), -x, -Math.BitDecrement(x), -Math.BitIncrement(x)];

    private static double LogOfOnePlus(double x)
    {
        // The rounding of 1 + x falls out of log(1 + x)·x / ((1 + x) − 1).
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * x / (sum - 1);
    }

    private readonly struct Exponential : IActivation
    {
        public V Apply<V, T>(V a)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => Elementary.ExpOfNegative<V, T>(a);

        public V Gradient<V, T>(V a, V y, V dy)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();
    }

    private readonly struct Logarithm : IActivation
    {
        public V Apply<V, T>(V a)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => Elementary.LogOfOnePlus<V, T>(a);

        public V Gradient<V, T>(V a, V y, V dy)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();
    }

    // (1 − e^−2x) / (1 + e^−2x): right, but for the digits that 1 − e^−2x loses.
    private readonly struct NaiveTanh : IActivation
    {
        public V Apply<V, T>(V a)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            V one = V.Broadcast(T.One);
            V power = Elementary.ExpOfNegative<V, T>(-V.Abs(a + a));
            return V.CopySign((one - power) / (one + power), a);
        }

        public V Gradient<V, T>(V a, V y, V dy)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();
    }

    private readonly struct WidthDependent : IActivation
    {
        public V Apply<V, T>(V a)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => a + V.Broadcast(T.CreateTruncating(V.Count));

        public V Gradient<V, T>(V a, V y, V dy)
            where V : struct, ISimd<V, T>
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new NotSupportedException();
    }
}
