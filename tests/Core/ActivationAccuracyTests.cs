using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>
/// Error bounds that <see cref="Activations"/> states for the activations after <see cref="ActivationKind.Softplus"/>: over a sample of all
/// floats, and over drawn doubles.
/// </summary>
[Trait("Category", "Simd")]
public class ActivationAccuracyTests
{
    // In ulp of 1, or of the derivative where that is larger.
    private const double SlopeBound = 4;

    // Every 997th of all bit patterns that are numbers.
    private static readonly float[] _floats =
    [
        .. Enumerable.Range(0, (int)((1L << 32) / 997)).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 997))
            .Where(float.IsFinite),
    ];

    private static readonly double[] _doubles = SampleDoubles(20_000);

    public static TheoryData<ActivationKind> Kinds() => [.. Enum.GetValues<ActivationKind>().Where(kind => kind > ActivationKind.Softplus)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Floats_are_within_the_bound(ActivationKind kind) => CheckValues(kind, _floats, PlainActivations.Value);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Doubles_are_within_the_bound(ActivationKind kind)
    {
        if (kind != ActivationKind.Gelu)
        {
            CheckValues(kind, _doubles, PlainActivations.Value);
            return;
        }

        foreach (double a in SampleDoubles(100).Where(a => Math.Abs(a) <= 40))
        {
            double error = Exact.TimesNormal(a).Ulps(Applied<double>(kind, [a])[0]);
            Assert.True(error <= BoundOf(kind, a), $"{error} ulp at {a:r}.");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Derivatives_are_within_the_bound(ActivationKind kind)
    {
        CheckSlopes(kind, _floats);
        CheckSlopes(kind, [.. _doubles.Where(a => Math.Abs(a) < 700 || kind != ActivationKind.Exp)]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void At_the_ends_values_and_derivatives_are_their_limits(ActivationKind kind)
    {
        Limits<float>(kind);
        Limits<double>(kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void NaN_stays_NaN(ActivationKind kind)
    {
        Assert.All(Applied<float>(kind, [.. Enumerable.Repeat(float.NaN, 20)]), y => Assert.True(float.IsNaN(y)));
        Assert.All(Applied<double>(kind, [.. Enumerable.Repeat(double.NaN, 20)]), y => Assert.True(double.IsNaN(y)));
    }

    /// <summary>PyTorch's numbers. Its own are less accurate far below zero, where 1 + erf and 1 + tanh cancel.</summary>
    [Fact]
    public void PyTorch_has_the_same_values_and_derivatives()
    {
        var file = SafetensorsFile.Load(Repository.PathOf("tests", "Data", "activations.safetensors"));
        double[] a = Numbers("a");
        Agree("clip", ActivationKind.Clip);
        Agree("relu6", new(ActivationKind.Clip, 0, 6));
        Agree("silu", ActivationKind.Silu);
        Agree("gelu", ActivationKind.Gelu);
        Agree("gelu_tanh", ActivationKind.GeluTanh);
        Agree("exp", ActivationKind.Exp);
        Agree("selu", ActivationKind.Selu);
        Agree("celu", ActivationKind.Celu);
        Agree("celu_half", new(ActivationKind.Celu, 0.5, 0));
        Agree("hard_swish", ActivationKind.HardSwish);
        Agree("mish", ActivationKind.Mish);
        Assert.ThrowsAny<Exception>(() => Agree("gelu", ActivationKind.GeluTanh));

        void Agree(string name, ActivationSpec f)
        {
            Near.Assert<double>(name, Numbers(name), Applied(f, a), 1e-13);
            Near.Assert<double>(name + ".slope", Numbers(name + ".slope"), Slopes(f, a), 1e-13);
        }

        double[] Numbers(string name)
        {
            SafetensorsTensor tensor = file.Tensors.Single(tensor => tensor.Name == name);
            double[] values = new double[tensor.Length];
            tensor.CopyTo<double>(values);
            return values;
        }
    }

    /// <summary>A formula that cancels is found: a·(1 + erf) / 2 has no digits left far below zero.</summary>
    [Fact]
    public void An_inaccurate_reference_is_found() => Assert.ThrowsAny<Exception>(() => CheckValues<float>(
        ActivationKind.Gelu, _floats, (_, a) => a * (1 - (1 - NormalDistribution.Below(a)))));

    private static double BoundOf(ActivationKind kind, double a) => kind switch
    {
        ActivationKind.Clip => 0,
        ActivationKind.Exp => 2,

        // A rounding of the exponent is a factor of the power. In doubles the reference has as many as the engine.
        ActivationKind.GeluTanh => 8 + (8 * Math.Sqrt(2 / Math.PI) * Math.Abs(Math.Min(a + (0.044715 * a * a * a), 0))),
        _ => 8,
    };

    private static void CheckValues<T>(ActivationSpec f, T[] a, Func<ActivationSpec, double, double> reference)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] y = Applied(f, a);
        for (int i = 0; i < a.Length; i++)
        {
            double x = double.CreateTruncating(a[i]);
            double expected = reference(f, x);
            double bound = BoundOf(f.Kind, x);
            bound += typeof(T) == typeof(double) && f.Kind == ActivationKind.GeluTanh ? bound : 0;
            Check(f, a[i], y[i], expected, Math.Abs(expected), bound);
        }
    }

    private static void CheckSlopes<T>(ActivationSpec f, T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] slopes = Slopes(f, a);
        for (int i = 0; i < a.Length; i++)
        {
            double expected = PlainActivations.Slope(f, double.CreateTruncating(a[i]));
            Check(f, a[i], slopes[i], expected, Math.Max(1, Math.Abs(expected)), SlopeBound);
        }
    }

    private static void Check<T>(ActivationSpec f, T a, T actual, double expected, double scale, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (int least, int digits) = typeof(T) == typeof(float) ? (-126, 23) : (-1022, 52);
        double ulp = Math.ScaleB(1, Math.Max(scale == 0 ? least : Math.ILogB(scale), least) - digits);
        double error = Math.Abs(double.CreateTruncating(actual) - expected) / ulp;
        if (!(error <= bound) && !actual.Equals(T.CreateTruncating(expected)))
        {
            Assert.Fail($"{f}: {error} ulp at {a}: {actual}, expected {expected:r}.");
        }
    }

    private static void Limits<T>(ActivationSpec f)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T largest = typeof(T) == typeof(float) ? T.CreateTruncating(float.MaxValue) : T.CreateTruncating(double.MaxValue);
        T[] ends = [T.NegativeInfinity, -largest, largest, T.PositiveInfinity];
        T[] y = Applied(f, ends), slopes = Slopes(f, ends);
        (double low, double high, double slope) = f.Kind switch
        {
            ActivationKind.Clip => (-1, 1, 0),
            ActivationKind.Exp => (0, double.PositiveInfinity, double.PositiveInfinity),
            ActivationKind.Selu => (-1.7580993408473766, double.PositiveInfinity, 1.0507009873554805),
            ActivationKind.Celu => (-1, double.PositiveInfinity, 1),
            _ => (0, double.PositiveInfinity, 1.0),
        };
        Assert.Equal([T.CreateTruncating(low), T.CreateTruncating(low)], y[..2]);
        Assert.Equal(T.CreateTruncating(high), y[3]);
        Assert.Equal([T.Zero, T.Zero, T.CreateTruncating(slope), T.CreateTruncating(slope)], slopes);
    }

    private static T[] Applied<T>(ActivationSpec f, T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var y = new T[a.Length];
        Activations.Apply<T>(f, a, y);
        return y;
    }

    private static T[] Slopes<T>(ActivationSpec f, T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] ones = new T[a.Length], slopes = new T[a.Length];
        Array.Fill(ones, T.One);
        Activations.GradientAt<T>(f, a, ones, slopes);
        return slopes;
    }

    // Around zero, by magnitude down to 1e-25, to the ends of the ranges, and beyond them.
    private static double[] SampleDoubles(int count)
    {
        var random = new RandomSource(1);
        List<double> doubles = [0, double.Epsilon, -double.Epsilon, 3, -3, 40, -40, 1e-300, -1e-300, 1e300, -1e300];
        for (int i = 0; i < count; i++)
        {
            double sign = random.NextInt(2) == 0 ? 1 : -1;
            doubles.Add(sign * random.NextDouble());
            doubles.Add(sign * random.NextDouble() * 40);
            doubles.Add(sign * random.NextDouble() * 760);
            doubles.Add(sign * Math.Pow(10, -25 * random.NextDouble()));
        }

        return [.. doubles];
    }
}
