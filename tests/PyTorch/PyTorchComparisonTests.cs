namespace SpanRnn.Tests;

/// <summary>The comparison with PyTorch is shown to fail.</summary>
public class PyTorchComparisonTests
{
    private static readonly double[] _expected = [0, -1, 2, 300];

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(2 + 3.1e-3)]
    [InlineData(2 - 3.1e-3)]
    public void One_wrong_element_is_found(double value)
    {
        string fault = Assert.Single(Faults(new() { ["y"] = _expected }, new() { ["y"] = [0, -1, value, 300] }));

        Assert.StartsWith("case: tensor 'y' has ", fault);
        Assert.EndsWith(" at 2, expected 2 within 0.003.", fault);
    }

    [Fact]
    public void The_bound_is_relative_to_the_largest_magnitude() =>
        Assert.Empty(Faults(new() { ["y"] = _expected }, new() { ["y"] = [2.9e-3, -1, 2 - 2.9e-3, 300] }));

    [Fact]
    public void Small_tensors_have_the_bound_of_one() =>
        Assert.Equal(
            ["case: tensor 'y' has 0.0011 at 1, expected 0.001 within 1E-05."],
            Faults(new() { ["y"] = [0, 1e-3] }, new() { ["y"] = [1e-6, 1.1e-3] }));

    [Fact]
    public void An_expected_NaN_or_infinity_agrees_with_nothing()
    {
        Assert.Single(Faults(new() { ["y"] = [double.NaN] }, new() { ["y"] = [double.NaN] }));
        Assert.Single(Faults(new() { ["y"] = [double.PositiveInfinity] }, new() { ["y"] = [double.PositiveInfinity] }));
        Assert.Single(Faults(new() { ["y"] = [double.PositiveInfinity] }, new() { ["y"] = [1] }));
    }

    [Fact]
    public void The_worst_element_is_named_and_NaN_is_the_worst()
    {
        Assert.Contains(" at 3, ", Assert.Single(Faults(new() { ["y"] = _expected }, new() { ["y"] = [0, -2, 2, 298] })));
        Assert.Contains(" NaN at 1, ", Assert.Single(Faults(new() { ["y"] = _expected }, new() { ["y"] = [9, double.NaN, 9, 9] })));
    }

    [Fact]
    public void A_tensor_missing_on_either_side_or_of_another_length_is_found() =>
        Assert.Equal(
            [
                "case: tensor 'a' is missing from the results.",
                "case: tensor 'b' is in the results, expected none.",
                "case: tensor 'c' has 1 elements, expected 2.",
            ],
            Faults(new() { ["a"] = [1], ["c"] = [1, 2] }, new() { ["b"] = [1], ["c"] = [1] }));

    [Fact]
    public void A_fault_in_any_tensor_of_a_reference_is_found()
    {
        PyTorchCase reference = PyTorchReferenceTests.Read("10_lstm_2_layers_bidirectional_projected_ragged");
        foreach ((string name, double[] values) in reference.Expected)
        {
            Dictionary<string, double[]> got = new(reference.Expected) { [name] = [.. values] };
            got[name][^1] += 1e-4;
            Assert.StartsWith($"{reference.Name}: tensor '{name}' ", Assert.Single(Faults(reference.Expected, got, reference.Name)));

            got[name][^1] = double.NaN;
            Assert.Single(Faults(reference.Expected, got));

            got.Remove(name);
            Assert.Single(Faults(reference.Expected, got));
        }
    }

    private static string[] Faults(Dictionary<string, double[]> expected, Dictionary<string, double[]> got, string name = "case") =>
        PyTorchComparison.Faults(name, expected, got, 1e-5);
}
