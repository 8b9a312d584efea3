using System.Numerics;
using SpanRnn.Core.Activations;

namespace SpanRnn.Tests;

[Trait("Category", "Simd")]
public class ActivationsTests
{
    // Each with its usual parameters, and with others.
    private static readonly ActivationSpec[] _all =
        [.. Enum.GetValues<ActivationKind>().Select(kind => (ActivationSpec)kind).Concat(Variants.Activations).Distinct()];

    private static readonly ActivationKind[] _fromOutputs =
        [ActivationKind.Identity, ActivationKind.Sigmoid, ActivationKind.Tanh, ActivationKind.Relu];

    [Fact]
    public void ArgMax_is_the_first_of_the_largest()
    {
        Assert.Equal(2, Activations.ArgMax<float>([-3, 0.5f, 7, 7, -8]));
        Assert.Equal(0, Activations.ArgMax<double>([-3]));
        Assert.Equal(1, Activations.ArgMax<double>([3, double.NaN, 9]));
        Assert.Equal("a", Assert.Throws<ArgumentException>(() => Activations.ArgMax<float>([])).ParamName);
    }

    [Fact]
    public void Values_are_those_of_the_plain_formulas_at_every_length()
    {
        for (int n = 0; n <= 70; n++)
        {
            Values<float>(n, 3e-7);
            Values<double>(n, 1e-15);
        }
    }

    [Fact]
    public void Gradients_are_those_of_the_plain_formulas_at_every_length()
    {
        for (int n = 0; n <= 70; n++)
        {
            PlainGradients<float>(n, 3e-7);
            PlainGradients<double>(n, 1e-15);
        }
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        foreach (ActivationSpec f in _all.Where(f => f.Kind != ActivationKind.HardStep))
        {
            Differences<float>(f);
            Differences<double>(f);
        }
    }

    [Fact]
    public void The_usual_parameters_are_those_of_the_standard()
    {
        Assert.Equal(new ActivationSpec(ActivationKind.Affine, 1, 0), ActivationKind.Affine);
        Assert.Equal(new ActivationSpec(ActivationKind.LeakyRelu, 0.01, 0), ActivationKind.LeakyRelu);
        Assert.Equal(new ActivationSpec(ActivationKind.ThresholdedRelu, 1, 0), ActivationKind.ThresholdedRelu);
        Assert.Equal(new ActivationSpec(ActivationKind.ScaledTanh, 1, 1), ActivationKind.ScaledTanh);
        Assert.Equal(new ActivationSpec(ActivationKind.HardSigmoid, 0.2, 0.5), ActivationKind.HardSigmoid);
        Assert.Equal(new ActivationSpec(ActivationKind.Elu, 1, 0), ActivationKind.Elu);
        Assert.Equal(new ActivationSpec(ActivationKind.Softplus, 0, 0), ActivationKind.Softplus);
        Assert.Equal(new ActivationSpec(ActivationKind.Clip, -1, 1), ActivationKind.Clip);
        Assert.Equal(new ActivationSpec(ActivationKind.Gelu, 0, 0), ActivationKind.Gelu);
        Assert.Equal(new ActivationSpec(ActivationKind.Celu, 1, 0), ActivationKind.Celu);
    }

    [Fact]
    public void Small_and_large_numbers_keep_their_accuracy()
    {
        Assert.Equal([1e-20f, -1e-20f, -1f], Applied<float>(ActivationKind.Elu, [1e-20f, -1e-20f, -200]));
        Assert.Equal([1f, -1f, 1e-20f], Applied<float>(ActivationKind.Softsign, [float.PositiveInfinity, float.NegativeInfinity, 1e-20f]));
        Assert.Equal([200f, 0f, MathF.Log(2)], Applied<float>(ActivationKind.Softplus, [200, -200, 0]));
        double[] small = Applied<double>(ActivationKind.Softplus, [-30]);
        Assert.Equal(Math.Exp(-30), small[0], 1e-25);
    }

    [Fact]
    public void Parameters_that_are_not_finite_or_not_there_are_refused()
    {
        float[] y = [7];
        Refused("'f' is Elu with α = NaN and β = 0, expected finite numbers.", new(ActivationKind.Elu, double.NaN, 0));
        Refused("'f' is Elu with α = 1 and β = 2, expected 0 for a parameter that it does not have.", new(ActivationKind.Elu, 1, 2));
        Refused("'f' is Tanh with α = 1 and β = 0, expected 0 for a parameter that it does not have.", new(ActivationKind.Tanh, 1, 0));
        Refused("'f' is Gelu with α = 1 and β = 0, expected 0 for a parameter that it does not have.", new(ActivationKind.Gelu, 1, 0));
        Refused("'f' is Clip with the limits α = 1 and β = -1, expected α ≤ β.", new(ActivationKind.Clip, 1, -1));
        Refused("'f' is Celu with α = 0, expected α > 0.", new(ActivationKind.Celu, 0, 0));
        Refused("'f' is 99, expected a member of ActivationKind.", new((ActivationKind)99, 0, 0));
        Assert.Equal(7, y[0]);

        void Refused(string message, ActivationSpec f)
        {
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => Activations.Apply<float>(f, [1], y)).Message);
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => Activations.GradientAt<float>(f, [1], [1], y)).Message);
        }
    }

    [Fact]
    public void Outputs_do_not_tell_every_derivative()
    {
        float[] da = [7];
        ArgumentException failure = Assert.Throws<ArgumentException>(() => Activations.Gradient<float>(ActivationKind.Elu, [1], [1], da));
        Assert.Equal(
            "'kind' is Elu, expected Identity, Sigmoid, Tanh or Relu; GradientAt has the derivatives of all others. (Parameter 'kind')",
            failure.Message);
        Assert.Equal(7, da[0]);
    }

    [Fact]
    public void The_output_may_be_an_input()
    {
        double[] a = Draw<double>(37, 1), dy = Draw<double>(37, 2), y = new double[37], da = new double[37];
        foreach (ActivationSpec f in _all)
        {
            Activations.Apply<double>(f, a, y);
            double[] same = [.. a];
            Activations.Apply<double>(f, same, same);
            Assert.Equal(y, same);
            if (f.Kind == ActivationKind.HardStep)
            {
                continue;
            }

            Activations.GradientAt<double>(f, a, dy, da);
            same = [.. dy];
            Activations.GradientAt<double>(f, a, same, same);
            Assert.Equal(da, same);
            same = [.. a];
            Activations.GradientAt<double>(f, same, dy, same);
            Assert.Equal(da, same);
        }

        foreach (ActivationKind kind in _fromOutputs)
        {
            Activations.Apply<double>(kind, a, y);
            Activations.Gradient<double>(kind, y, dy, da);
            double[] same = [.. dy];
            Activations.Gradient<double>(kind, y, same, same);
            Assert.Equal(da, same);
            same = [.. y];
            Activations.Gradient<double>(kind, same, dy, same);
            Assert.Equal(da, same);
        }
    }

    [Fact]
    public void NaN_stays_NaN_but_for_the_hard_step()
    {
        foreach (ActivationSpec f in _all)
        {
            float[] y = Applied(f, [1f, float.NaN, -1f]);
            Assert.Equal(f.Kind != ActivationKind.HardStep, float.IsNaN(y[1]));
            Assert.False(float.IsNaN(y[0]) || float.IsNaN(y[2]));
        }
    }

    [Fact]
    public void At_zero_a_hard_step_is_off_and_relu_is_flat()
    {
        Assert.Equal([0f, 0f, 1f], Applied(ActivationKind.HardStep, [-0f, 0f, float.Epsilon]));
        float[] da = [9, 9];
        Activations.Gradient<float>(ActivationKind.Relu, [0f, float.Epsilon], [5, 5], da);
        Assert.Equal([0f, 5f], da);
    }

    [Fact]
    public void A_hard_step_has_no_gradient()
    {
        float[] da = [7];
        ArgumentException failure = Assert.Throws<ArgumentException>(
            () => Activations.Gradient<float>(ActivationKind.HardStep, [1], [1], da));
        Assert.Equal("'kind' is HardStep, expected an activation with a derivative. (Parameter 'kind')", failure.Message);
        Assert.Equal(7, da[0]);
    }

    [Fact]
    public void Wrong_arguments_throw_and_nothing_is_written()
    {
        float[] memory = new float[20];
        Refused("y", () => Activations.Apply<float>(ActivationKind.Tanh, new float[3], memory.AsSpan(0, 2)));
        Refused("y", () => Activations.Apply<float>(ActivationKind.Identity, memory.AsSpan(0, 3), memory.AsSpan(1, 3)));
        Refused("f", () => Activations.Apply<float>((ActivationKind)99, new float[3], memory.AsSpan(0, 3)));
        Refused("kind", () => Activations.Gradient<float>((ActivationKind)(-1), new float[3], new float[3], memory.AsSpan(0, 3)));
        Refused("dy", () => Activations.Gradient<float>(ActivationKind.Tanh, new float[3], new float[4], memory.AsSpan(0, 3)));
        Refused("da", () => Activations.Gradient<float>(ActivationKind.Tanh, new float[3], new float[3], memory.AsSpan(0, 4)));
        Refused("da", () => Activations.Gradient<float>(ActivationKind.Tanh, memory.AsSpan(1, 3), new float[3], memory.AsSpan(0, 3)));
        Refused("da", () => Activations.Gradient<float>(ActivationKind.Tanh, new float[3], memory.AsSpan(1, 3), memory.AsSpan(0, 3)));
        Refused("y", () => Activations.Softmax<float>(new float[3], memory.AsSpan(0, 2)));
        Refused("y", () => Activations.Softmax<float>(memory.AsSpan(0, 3), memory.AsSpan(1, 3)));
        Refused("y", () => Activations.LogSoftmax<float>(new float[3], memory.AsSpan(0, 2)));
        Refused("y", () => Activations.LogSoftmax<float>(memory.AsSpan(0, 3), memory.AsSpan(1, 3)));
        Refused("dy", () => Activations.LogSoftmaxGradient<float>(new float[3], new float[4], memory.AsSpan(0, 3)));
        Refused("dy", () => Activations.SoftmaxGradient<float>(new float[3], new float[4], memory.AsSpan(0, 3)));
        Refused("da", () => Activations.SoftmaxGradient<float>(new float[3], new float[3], memory.AsSpan(0, 4)));
        Assert.All(memory, value => Assert.Equal(0f, value));

        static void Refused(string name, Action call) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(call).ParamName);
    }

    [Fact]
    public void Softmax_is_the_plain_formula_at_every_length_and_width()
    {
        for (int n = 1; n <= 70; n++)
        {
            PlainSoftmax<float>(n, 1e-6);
            PlainSoftmax<double>(n, 1e-14);
        }
    }

    [Fact]
    public void Softmax_subtracts_the_maximum()
    {
        Assert.Equal([0.5f, 0.5f], Softmax<float>([1000, 1000]));
        Assert.Equal([0.5d, 0.5d], Softmax<double>([-1e300, -1e300]));
        Assert.Equal([0d, 1d], Softmax<double>([-1e300, 1e300]));
        Assert.Equal([0.5f, 0, 0.5f], Softmax<float>([1, float.NegativeInfinity, 1]));
        Assert.Equal([1f], Softmax<float>([float.MaxValue]));
        Assert.Equal([], Softmax<float>([]));
    }

    [Fact]
    public void Softmax_does_not_change_when_all_inputs_move()
    {
        // Whole numbers, so that moving them does not round.
        double[] a = [.. Enumerable.Range(0, 37).Select(i => (double)(i * 7 % 11))];
        Assert.Equal(Softmax(a), Softmax([.. a.Select(value => value + 4096)]));
    }

    [Fact]
    public void Softmax_of_NaN_is_NaN_everywhere()
    {
        Assert.All(Softmax<float>([1, float.NaN, .. new float[20]]), value => Assert.True(float.IsNaN(value)));
        Assert.All(Softmax<double>([.. new double[20], double.NaN]), value => Assert.True(double.IsNaN(value)));
        Assert.All(Softmax<float>([1, float.PositiveInfinity]), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Log_sum_exp_is_the_plain_formula_at_every_length()
    {
        for (int n = 1; n <= 70; n++)
        {
            double[] a = Draw<double>(n, 1);
            Near(Math.Log(a.Sum(Math.Exp)), Activations.LogSumExp<double>(a), 1e-14);
            float[] narrow = Draw<float>(n, 1);
            Near(Math.Log(narrow.Sum(value => Math.Exp(value))), Activations.LogSumExp<float>(narrow), 1e-6);
        }
    }

    [Fact]
    public void Log_sum_exp_at_the_edges()
    {
        const float Infinity = float.PositiveInfinity;
        Assert.Equal(1000 + MathF.Log(2), Activations.LogSumExp<float>([1000, 1000]));
        Assert.Equal(-1e300, Activations.LogSumExp<double>([-1e300, -1e300]));
        Assert.Equal(float.MaxValue, Activations.LogSumExp<float>([float.MaxValue, -Infinity, float.MinValue]));
        Assert.Equal(-Infinity, Activations.LogSumExp<float>([]));
        Assert.Equal(-Infinity, Activations.LogSumExp<float>([-Infinity, -Infinity]));
        Assert.Equal(Infinity, Activations.LogSumExp<float>([1, Infinity, -Infinity]));
        foreach (int at in (int[])[0, 7, 19])
        {
            foreach (float other in (float[])[1, Infinity, -Infinity])
            {
                float[] a = [.. Enumerable.Repeat(other, 20)];
                a[at] = float.NaN;
                Assert.True(float.IsNaN(Activations.LogSumExp<float>(a)), $"NaN at {at} among {other}.");
            }
        }
    }

    [Fact]
    public void Softmax_gradient_agrees_with_finite_differences()
    {
        foreach (int n in (int[])[1, 2, 17, 37])
        {
            double[] a = Draw<double>(n, 1), dy = Draw<double>(n, 2), da = new double[n];
            double[] y = Softmax(a);
            Activations.SoftmaxGradient<double>(y, dy, da);
            GradientCheckResult result = GradientCheck.Run<double>(point => Dot(Softmax(point.ToArray()), dy), a, da);
            Assert.True(result.Passed, result.ToString());

            double[] same = [.. dy];
            Activations.SoftmaxGradient<double>(y, same, same);
            Assert.Equal(da, same);
            Activations.SoftmaxGradient<double>(y, dy, y);
            Assert.Equal(da, y);
        }

        Activations.SoftmaxGradient<float>([], [], []);
    }

    [Fact]
    public void Log_softmax_is_the_logarithm_of_softmax()
    {
        for (int n = 1; n <= 70; n++)
        {
            double[] a = Draw<double>(n, 1), y = new double[n], same = [.. a];
            Activations.LogSoftmax<double>(a, y);
            Activations.LogSoftmax<double>(same, same);
            Assert.Equal(y, same);
            double[] softmax = Softmax(a);
            for (int i = 0; i < n; i++)
            {
                Near(Math.Log(softmax[i]), y[i], 1e-14);
            }
        }
    }

    [Fact]
    public void Log_softmax_at_the_edges()
    {
        Assert.Equal([-MathF.Log(2), -MathF.Log(2)], LogSoftmax<float>([1000, 1000]));
        Assert.Equal([-2000f, 0f], LogSoftmax<float>([-1000, 1000]));
        Assert.Equal([float.NegativeInfinity, 0f], LogSoftmax<float>([float.NegativeInfinity, 3]));
        Assert.All(LogSoftmax<float>([1, float.NaN]), value => Assert.True(float.IsNaN(value)));
        Assert.All(LogSoftmax<float>([1, float.PositiveInfinity]), value => Assert.True(float.IsNaN(value)));
        Assert.Equal([], LogSoftmax<float>([]));
    }

    [Fact]
    public void Log_softmax_gradient_agrees_with_finite_differences()
    {
        foreach (int n in (int[])[1, 2, 17, 37])
        {
            double[] a = Draw<double>(n, 1), dy = Draw<double>(n, 2), da = new double[n];
            double[] y = LogSoftmax(a);
            Activations.LogSoftmaxGradient<double>(y, dy, da);
            GradientCheckResult result = GradientCheck.Run<double>(point => Dot(LogSoftmax(point.ToArray()), dy), a, da);
            Assert.True(result.Passed, result.ToString());

            double[] same = [.. dy];
            Activations.LogSoftmaxGradient<double>(y, same, same);
            Assert.Equal(da, same);
            Activations.LogSoftmaxGradient<double>(y, dy, y);
            Assert.Equal(da, y);
        }

        Activations.LogSoftmaxGradient<float>([], [], []);
    }

    private static T[] LogSoftmax<T>(T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var y = new T[a.Length];
        Activations.LogSoftmax<T>(a, y);
        return y;
    }

    private static void Values<T>(int n, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Draw<T>(n, 1);
        foreach (ActivationSpec f in _all)
        {
            var y = Guarded<T>.Output(new T[n], 1);
            Activations.Apply(f, Guarded<T>.Input(a, 3).Span, y.Span);
            y.AssertIntact();
            for (int i = 0; i < n; i++)
            {
                Near(PlainActivations.Value(f, double.CreateTruncating(a[i])), double.CreateTruncating(y.Span[i]), bound);
            }
        }
    }

    private static void PlainGradients<T>(int n, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Draw<T>(n, 1), dy = Draw<T>(n, 2);
        foreach (ActivationSpec f in _all.Where(f => f.Kind != ActivationKind.HardStep))
        {
            var da = Guarded<T>.Output(new T[n], 1);
            Activations.GradientAt(f, Guarded<T>.Input(a, 3).Span, Guarded<T>.Input(dy, 2).Span, da.Span);
            NearSlopes(f, da);
            if (_fromOutputs.Contains(f.Kind))
            {
                da = Guarded<T>.Output(new T[n], 1);
                Activations.Gradient(f.Kind, Guarded<T>.Input(Applied(f, a), 3).Span, Guarded<T>.Input(dy, 2).Span, da.Span);
                NearSlopes(f, da);
            }
        }

        void NearSlopes(ActivationSpec f, Guarded<T> da)
        {
            da.AssertIntact();
            for (int i = 0; i < n; i++)
            {
                double slope = PlainActivations.Slope(f, double.CreateTruncating(a[i]));
                Near(slope * double.CreateTruncating(dy[i]), double.CreateTruncating(da.Span[i]), 8 * bound);
            }
        }
    }

    private static void Differences<T>(ActivationSpec f)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Away from kinks by more than the step of the differences.
        double[] kinks = f.Kind switch
        {
            ActivationKind.HardSigmoid => [-f.Beta / f.Alpha, (1 - f.Beta) / f.Alpha],
            ActivationKind.ThresholdedRelu => [f.Alpha],
            ActivationKind.Clip => [f.Alpha, f.Beta],
            ActivationKind.HardSwish => [-3, 3],
            _ => [0],
        };
        T[] a = [.. Draw<T>(60, 1).Where(value => Array.TrueForAll(kinks, kink => Math.Abs(double.CreateTruncating(value) - kink) > 0.05))];
        T[] dy = Draw<T>(a.Length, 2);
        var da = new T[a.Length];
        Activations.GradientAt(f, a, dy, da);
        GradientCheckResult result = GradientCheck.Run<T>(point => Dot(Applied(f, point.ToArray()), dy), a, da);
        Assert.True(result.Passed, $"{f}: {result}");

        da[5] += T.CreateTruncating(0.1);
        Assert.False(GradientCheck.Run<T>(point => Dot(Applied(f, point.ToArray()), dy), a, da).Passed);
    }

    private static void PlainSoftmax<T>(int n, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Draw<T>(n, 1);
        T maximum = a.Max();
        double[] powers = [.. a.Select(value => Math.Exp(double.CreateTruncating(value - maximum)))];
        double sum = powers.Sum();
        foreach (int bits in Widths.All)
        {
            var y = Guarded<T>.Output(new T[n], 1);
            T largest = default, handedBack = default;
            Widths.Run<T, SoftmaxKernel<T>>(bits, new(Guarded<T>.Input(a, 3).Span, T.One, y.Span, ref largest, ref handedBack));
            y.AssertIntact();
            Assert.Equal(maximum, largest);
            Near(sum, double.CreateTruncating(handedBack), bound * sum);
            for (int i = 0; i < n; i++)
            {
                Near(powers[i] / sum, double.CreateTruncating(y.Span[i]), bound);
            }
        }

        Assert.True(Math.Abs(Softmax(a).Sum(double.CreateTruncating) - 1) <= bound);
    }

    private static T[] Applied<T>(ActivationSpec f, T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var y = new T[a.Length];
        Activations.Apply<T>(f, a, y);
        return y;
    }

    private static T[] Softmax<T>(T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var y = new T[a.Length];
        Activations.Softmax<T>(a, y);
        return y;
    }

    private static T Dot<T>(T[] x, T[] y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.CreateTruncating(x.Zip(y, (a, b) => double.CreateTruncating(a) * double.CreateTruncating(b)).Sum());

    private static T[] Draw<T>(int n, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[n];
        new RandomSource(seed).Fill<T>(values, -4, 4);
        return values;
    }

    private static void Near(double expected, double actual, double bound) =>
        Assert.True(Math.Abs(actual - expected) <= bound * Math.Max(1, Math.Abs(expected)), $"{actual:r}, expected {expected:r}.");
}
