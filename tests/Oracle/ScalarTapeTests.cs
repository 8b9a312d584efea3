namespace SpanRnn.Tests;

/// <summary>The oracle's own arithmetic.</summary>
public class ScalarTapeTests
{
    private static readonly double[] _point = [0.7, -1.3, 2.1];

    [Fact]
    public void Every_operation_agrees_with_finite_differences()
    {
        var tape = new ScalarTape();
        Scalar[] variables = tape.Variables(_point);
        Scalar[] outputs = Operations(variables);
        double[] seeds = new double[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            Array.Clear(seeds);
            seeds[i] = 1;
            double[] gradient = tape.Gradient(outputs, seeds, variables);
            GradientCheckResult result = GradientCheck.Run<double>(
                point => Operations(new ScalarTape().Variables(point))[i].Value, _point, gradient);
            Assert.True(result.Passed, $"operation {i}: {result}");
        }
    }

    [Fact]
    public void A_number_used_twice_counts_twice()
    {
        var tape = new ScalarTape();
        Scalar x = tape.Variable(3);
        Assert.Equal([7.0], tape.Gradient([(x * x) + x], [1], [x]));
    }

    [Fact]
    public void Kinks_are_noticed()
    {
        var tape = new ScalarTape();
        Assert.Equal(double.PositiveInfinity, tape.NearestKink);
        Scalar.Ramp(tape.Variable(-2));
        Scalar.Ramp(tape.Variable(0.25));
        Assert.Equal(0.25, tape.NearestKink);
    }

    private static Scalar[] Operations(Scalar[] x) =>
    [
        x[0] + x[1],
        x[0] - x[1],
        x[0] * x[1],
        x[0] / x[1],
        1 - x[0],
        Scalar.Exp(x[1]),
        Scalar.Log(x[2]),
        Scalar.Tanh(x[1]),
        Scalar.Sigmoid(x[2]),
        Scalar.Ramp(x[0]),
        Scalar.Ramp(x[1]),
        Scalar.Jump(x[0]),
        Scalar.Tanh(x[0] * Scalar.Sigmoid(x[1] / (x[2] * x[2]))) - (x[0] * Scalar.Exp(x[0] - x[2])),
    ];
}
