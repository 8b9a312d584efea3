using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>The checker is checked: it passes a right gradient and finds every seeded fault, in both precisions.</summary>
public class GradientCheckTests
{
    private const int Rows = 3;
    private const int Columns = 4;

    [Fact]
    public void A_right_gradient_passes()
    {
        Assert.True(Check<float>("none").Passed, Check<float>("none").ToString());
        GradientCheckResult result = Check<double>("none");
        Assert.True(result.Passed, result.ToString());
        Assert.Equal(Rows * Columns, result.Count);
        Assert.True(result.Error <= 1e-9, result.ToString());
    }

    [Theory]
    [InlineData("wrong sign of one element", 5)]
    [InlineData("factor 2", null)]
    [InlineData("transposed index", null)]
    [InlineData("missing term", 5)]
    [InlineData("NaN", 5)]
    [InlineData("infinite", 5)]
    [InlineData("NaN in the function", 5)]
    [InlineData("two thousandths of one element", 5)]
    public void A_fault_is_found(string fault, int? element)
    {
        GradientCheckResult result = Check<double>(fault);
        Assert.False(result.Passed, result.ToString());
        Assert.Equal(element ?? result.Index, result.Index);
        Assert.Contains($"element {result.Index}, ", result.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(": failed", result.ToString(), StringComparison.Ordinal);

        // A float cannot see differences as small as its own rounding.
        result = Check<float>(fault);
        bool visible = fault != "two thousandths of one element";
        Assert.True(result.Passed != visible, result.ToString());
        Assert.True(!visible || result.Index == (element ?? result.Index), result.ToString());
    }

    [Fact]
    public void The_sentence_says_everything()
    {
        GradientCheckResult result = GradientCheck.Run<double>(point => point[1] / 4, [3, 5], [0, 0.5]);
        Assert.Equal((2, 1, 0.5, 1e-6), (result.Count, result.Index, result.Analytic, result.Tolerance));
        Assert.Equal(
            "worst of 2: element 1, analytic 0.5, numeric 0.25, error 0.25, tolerance 1e-06: failed",
            (result with { Numeric = 0.25, Error = 0.25 }).ToString());
        Assert.Equal(
            "worst of 2: element 1, analytic 0.5, numeric 0.25, error 0.25, tolerance 1: passed",
            (result with { Numeric = 0.25, Error = 0.25, Tolerance = 1 }).ToString());
        Assert.Equal("no elements: failed", default(GradientCheckResult).ToString());
    }

    [Fact]
    public void Nothing_compared_is_an_error()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => GradientCheck.Run<double>(_ => 1, [], []));
        Assert.Equal("point", error.ParamName);
        Assert.False(default(GradientCheckResult).Passed);
        Assert.Throws<InvalidOperationException>(() => default(GradientCheckResult).ThrowIfFailed());
    }

    [Fact]
    public void A_failed_check_can_throw_its_sentence()
    {
        Check<double>("none").ThrowIfFailed();
        GradientCheckResult failed = Check<double>("NaN");
        string message = Assert.Throws<InvalidOperationException>(failed.ThrowIfFailed).Message;
        Assert.Contains(failed.ToString(), message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kinks_are_told_from_wrong_gradients()
    {
        Kink<double>(true, p => Math.Abs(p[0]), 0, 1);
        Kink<double>(true, p => Math.Abs(p[0]), 0, -0.3);
        Kink<double>(true, p => Math.Max(p[0], 0.0), 1e-6, 1); // beside the point, within the step of 6e-6
        Kink<float>(true, p => Math.Max(p[0], 0), 0, 1);
        Kink<float>(true, p => MathF.Abs(p[0]) + 3, 1e-3f, 1);
        Kink<double>(true, p => Math.Tanh(400 * p[0]), 0, 400); // a bend too sharp for the step
        Kink<double>(false, p => Math.Abs(p[0]), 1, -1);
        Kink<double>(false, p => Math.Exp(p[0]), 3, 20);
        Kink<double>(false, p => Math.Exp(p[0]), 3, Math.Exp(3) * (1 + 2e-6));
        Kink<double>(false, p => 1e6 + p[0], 1, 2); // rounding is no kink
        Kink<double>(false, p => p[0], 1, double.NaN);
        Kink<double>(false, p => p[0] * p[0], 1, double.PositiveInfinity);
        Kink<float>(false, p => p[0] * p[0], 1, 2.2f);
        Kink<float>(false, p => 1000 + (p[0] * p[0]), 1, 3);
        Assert.False(GradientCheck.Run<double>(p => Math.Abs(p[0]), [0], [0]).NearKink); // passes
    }

    private static void Kink<T>(bool expected, Func<ReadOnlySpan<T>, T> function, T point, T gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        GradientCheckResult result = GradientCheck.Run(function, [point], [gradient]);
        Assert.False(result.Passed, result.ToString());
        Assert.True(result.NearKink == expected, result.ToString());
        Assert.Equal(expected, result.ToString().Contains("near a kink", StringComparison.Ordinal));
    }

    [Fact]
    public void A_small_scale_finds_faults_in_small_gradients()
    {
        // Twice the right gradient, and 1e-7 off: the default scale is 1.
        static double Function(ReadOnlySpan<double> p) => 1e-7 * p[0];

        Assert.True(GradientCheck.Run<double>(Function, [1], [2e-7]).Passed);
        foreach (double scale in new[] { 1e-7, 0 })
        {
            GradientCheckResult result = GradientCheck.Run<double>(Function, [1], [2e-7], scale: scale);
            Assert.True(!result.Passed && Math.Abs(result.Error - 0.5) <= 1e-6, result.ToString());
            Assert.True(GradientCheck.Run<double>(Function, [1], [1e-7], scale: scale).Passed);
            Assert.True(GradientCheck.Run<double>(_ => 3, [1], [0], scale: scale).Passed);
        }
    }

    [Fact]
    public void The_error_is_relative_above_one_and_absolute_below()
    {
        GradientCheckResult large = GradientCheck.Run<double>(point => 1000 * point[0], [0], [1001]);
        Assert.True(Math.Abs(large.Error - (1 / 1001.0)) <= 1e-9, large.ToString());
        GradientCheckResult small = GradientCheck.Run<double>(point => 0.001 * point[0], [0], [0.002]);
        Assert.True(Math.Abs(small.Error - 0.001) <= 1e-9, small.ToString());
    }

    [Fact]
    public void Options_are_used()
    {
        var steps = new List<double>();
        GradientCheckResult result = GradientCheck.Run<double>(
            point =>
            {
                steps.Add(point[0]);
                return point[0];
            },
            [8],
            [0.8],
            step: 0.25,
            tolerance: 0.3);
        Assert.Equal([10d, 6d], steps);
        Assert.True(result.Passed && result.Tolerance == 0.3);
        Assert.False(GradientCheck.Run<double>(point => point[0], [8], [0.8], step: 0.25, tolerance: 0.1).Passed);
    }

    // 0.1 + 2⁻²⁰ is rounded; divided by 2h instead of the true distance, the linear function would be off by 1e-11.
    [Fact]
    public void The_distance_is_that_of_the_rounded_points()
    {
        GradientCheckResult result = GradientCheck.Run<float>(point => point[0], [1e4f + 0.1f], [1], step: 1e-6);
        Assert.Equal(0, result.Error);
    }

    [Fact]
    public void The_callers_point_is_not_touched_and_the_function_sees_one_change()
    {
        double[] point = [1, 2, 3];
        double[] original = [.. point];
        GradientCheck.Run<double>(
            moved =>
            {
                Assert.Equal(original, point);
                Assert.Equal(1, moved.ToArray().Zip(original).Count(pair => pair.First != pair.Second));
                return moved[0];
            },
            point,
            [1, 0, 0]);
        Assert.Equal(original, point);
    }

    [Fact]
    public void A_step_too_small_to_be_seen_fails() =>
        Assert.False(GradientCheck.Run<double>(point => point[0], [1], [1], step: 1e-20).Passed);

    [Fact]
    public void One_copy_of_the_point_is_all_that_is_allocated()
    {
        double[] point = new double[100], gradient = new double[100];
        Func<ReadOnlySpan<double>, double> zero = _ => 0;
        Assert.Equal(Allocation.Of(() => _ = new double[100]), Allocation.Of(() => GradientCheck.Run(zero, point, gradient)));
    }

    [Fact]
    public void Wrong_arguments_throw()
    {
        Assert.Equal("gradient", Assert.Throws<ArgumentException>(() => GradientCheck.Run<float>(_ => 0, [1, 2], [1])).ParamName);
        Assert.Throws<ArgumentNullException>(() => GradientCheck.Run<float>(null!, [1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run<double>(_ => 0, [1], [0], step: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run<double>(_ => 0, [1], [0], step: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run<double>(_ => 0, [1], [0], tolerance: -1));
    }

    // f = Σᵢⱼ tanh(Wᵢⱼ)·aᵢⱼ + Wᵢⱼ²/2, its gradient right or with a fault.
    private static GradientCheckResult Check<T>(string fault)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var point = new T[Rows * Columns];
        var weights = new T[Rows * Columns];
        var random = new RandomSource(21);
        random.Fill<T>(point, 0.3, 1);
        random.Fill<T>(weights, 0.5, 2);
        var gradient = new T[Rows * Columns];
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Columns; j++)
            {
                int k = (i * Columns) + j;
                int read = fault == "transposed index" ? (j * Rows) + i : k;
                T tanh = T.Tanh(point[k]);
                T slope = (T.One - (tanh * tanh)) * weights[read];
                gradient[k] = fault == "missing term" && k == 5 ? slope : slope + point[k];
                gradient[k] *= T.CreateTruncating(fault == "factor 2" ? 2 : 1);
            }
        }

        gradient[5] = fault switch
        {
            "wrong sign of one element" => -gradient[5],
            "NaN" => T.NaN,
            "infinite" => T.PositiveInfinity,
            "two thousandths of one element" => gradient[5] * T.CreateTruncating(1.002),
            _ => gradient[5],
        };
        T fifth = point[5];
        return GradientCheck.Run<T>(
            moved =>
            {
                T sum = fault == "NaN in the function" && moved[5] != fifth ? T.NaN : T.Zero;
                for (int k = 0; k < moved.Length; k++)
                {
                    sum += (T.Tanh(moved[k]) * weights[k]) + (moved[k] * moved[k] / T.CreateTruncating(2));
                }

                return sum;
            },
            point,
            gradient);
    }

    [Fact]
    public void The_scale_says_what_is_small()
    {
        // 0.5 off among gradients of 100: an error of 5e-3 of them, of 5e-7 if a million is the scale.
        static double Function(ReadOnlySpan<double> p) => 100 * p[0];

        Assert.False(GradientCheck.Run<double>(Function, [1], [100.5]).Passed);
        GradientCheckResult result = GradientCheck.Run<double>(Function, [1], [100.5], scale: 1e6);
        Assert.True(result.Passed);
        Assert.InRange(result.Error, 4.9e-7, 5.1e-7);
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run<double>(_ => 0, [1], [0], scale: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run<double>(_ => 0, [1], [0], scale: double.NaN));
    }
}
