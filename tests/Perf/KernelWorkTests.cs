using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>Nothing is timed before its result is right.</summary>
public class KernelWorkTests
{
    private static readonly Expectation _expectation = new([1, -2], [0.25, 0]);

    [Fact]
    public void Results_within_their_tolerances_pass()
    {
        Assert.Equal(1, _expectation.Check("x", [1.25, -2]));
        Assert.Equal(0.5, _expectation.Check("x", [0.875, -2]));
        Assert.Equal(0, _expectation.Check("x", [1, -2]));
    }

    [Theory]
    [InlineData(1.5, -2)]
    [InlineData(1, -2.0000000000000004)]
    [InlineData(double.NaN, -2)]
    [InlineData(1, double.NegativeInfinity)]
    public void A_wrong_number_is_found(double first, double second)
    {
        PerfException e = Assert.Throws<PerfException>(() => _expectation.Check("x", [first, second]));

        Assert.StartsWith("x gives ", e.Message, StringComparison.Ordinal);
        Assert.Equal(Application.Failure, e.ExitCode);
    }

    [Fact]
    public void A_missing_number_is_found() =>
        Assert.Equal("x gives 1 numbers, expected 2.", Assert.Throws<PerfException>(() => _expectation.Check("x", [1])).Message);

    [Fact]
    public void A_peer_that_computes_something_else_is_named()
    {
        var work = new KernelWork(_expectation, new Contender("SpanRnn", () => { }, () => [1, -2]));
        work.AddPeer(new Contender("nothing to check", () => { }, Result: null));
        work.AddPeer(new Contender("other", () => { }, () => [1, 2]));

        PerfException e = Assert.Throws<PerfException>(() => work.Check("case"));

        Assert.StartsWith("case: other gives 2 as number 1, expected -2 ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_form_of_a_product_gives_the_expected_numbers()
    {
        Check<float>();
        Check<double>();

        static void Check<T>()
            where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
        {
            var vector = new ProductProblem<T>(1, 7, 5);
            var work = new KernelWork(vector.Expected(), vector.Vector());
            work.Check("vector");

            var problem = new ProductProblem<T>(3, 7, 5);
            work = new KernelWork(problem.Expected(), problem.Plain());
            work.AddPeer(problem.Packed());
            work.AddPeer(problem.TransposedLeft());
            work.AddPeer(problem.TransposedRight());
            work.AddPeer(problem.TensorPrimitivesDot());
            work.AddPeer(problem.MathNetProduct());
            problem.AddOnnx(work, constantWeights: true);
            problem.AddOnnx(work, constantWeights: false);
            work.Check("product");
        }
    }

    /// <summary>The operands of one problem do not pass for those of another.</summary>
    [Fact]
    public void A_product_of_other_operands_fails()
    {
        var work = new KernelWork(new ProductProblem<float>(3, 7, 5).Expected(), new ProductProblem<float>(3, 7, 5, 0.999).Plain());

        Assert.Throws<PerfException>(() => work.Check("product"));
    }

    [Fact]
    public void Every_case_has_a_name_of_its_own()
    {
        string[] names = [.. KernelCases.All().Select(one => one.Name)];

        Assert.Equal(names.Length, names.Distinct().Count());
    }

    /// <summary>Checks of the small cases; they run in full wherever a figure is made.</summary>
    [Theory]
    [InlineData("matrix-vector packed 64x17 float")]
    [InlineData("matrix-vector 64x17 double")]
    [InlineData("tanh 1024 float")]
    [InlineData("tanh 1024 double")]
    [InlineData("sigmoid 1024 float")]
    [InlineData("sigmoid 1024 double")]
    [InlineData("softmax 1024 float")]
    [InlineData("softmax 1024 double")]
    [InlineData("log-sum-exp 1024 float")]
    [InlineData("log-sum-exp 1024 double")]
    public void A_case_passes_its_own_check(string name)
    {
        using KernelWork work = KernelCases.All().Single(one => one.Name == name).Prepare();

        work.Check(name);
    }
}
