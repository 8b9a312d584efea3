using System.Text.RegularExpressions;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;

namespace SpanRnn.Tests;

/// <summary>Numbers and counts of the program, as a person would write them.</summary>
public partial class ReadableNumbersTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(18660.4, "18,660")]
    [InlineData(-1234.56, "-1,234.6")]
    [InlineData(0.00123456, "0.0012346")]
    [InlineData(0.5, "0.5")]
    [InlineData(99.99951, "100")]
    [InlineData(123456789, "123,456,789")]
    [InlineData(1.23456e-7, "1.2346e-07")]
    [InlineData(1.5e12, "1.5e12")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void Five_digits_and_no_exponent_without_need(double value, string expected) =>
        Assert.Equal(expected, Display.Number(value));

    [Theory]
    [InlineData(0, "0 steps")]
    [InlineData(1, "1 step")]
    [InlineData(1234, "1,234 steps")]
    public void One_is_not_a_plural(long value, string expected) => Assert.Equal(expected, Amount.Of(value, "step"));

    /// <summary>As many counts of these runs as can be are 1.</summary>
    [Theory]
    [InlineData("inspect {m}")]
    [InlineData("convert {m} {o.safetensors}")]
    [InlineData("convert {m} {o.onnx}")]
    [InlineData("bench {m} --steps 1 --max-bytes 1 --rate 1")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {x.npy}")]
    [InlineData("train --from {m} --input {x.npy} --target {x.npy} --loss mse --steps 1 --report 1 --output {o.safetensors}")]
    [InlineData("train --from {m} --input {x.npy} --target {x.npy} --loss mse --steps 1 --batch 2 --output {o.safetensors}")]
    [InlineData("train --from {m} --input {x.npy} --target {x.npy} --loss mse --steps 1 --report 1 --checkpoint {c}")]
    [InlineData("inspect {c}")]
    [InlineData("run {m} --input {nan.npy} --output {o.npy}")]
    public void No_line_says_one_things(string line)
    {
        using var folder = new CliFolder();
        var layer = new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Relu, Bias = false };
        folder.WriteModel("m", new NetworkSpec(1, layer));
        folder.WriteArray("x.npy", 1, 1, 1);
        folder.WriteArray("nan.npy", [1, 1, 1], [float.NaN]);
        folder.Run("train --from {m} --input {x.npy} --target {x.npy} --loss mse --steps 1 --optimizer sgd --checkpoint {c}".Split(' '));
        if (!line.StartsWith("inspect", StringComparison.Ordinal))
        {
            File.Delete(folder.File("c"));
        }

        (_, string output, string error) = folder.Run(line.Split(' '));

        string all = output + error;
        Assert.DoesNotMatch(OneOfMany(), all);
        Assert.DoesNotMatch(Exponent(), all);
    }

    [GeneratedRegex(@"(?<![\d.,])1 (steps|bytes|numbers|parameters|gradients|sequences|symbols|collections|units|tensors|times are)\b")]
    private static partial Regex OneOfMany();

    [GeneratedRegex(@"\dE[+-]?\d")]
    private static partial Regex Exponent();
}
