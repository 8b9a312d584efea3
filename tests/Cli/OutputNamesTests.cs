using SpanRnn.Cli.Models;

namespace SpanRnn.Tests;

/// <summary>The ending of an output's name decides its format, and a format that cannot be written is refused before any work.</summary>
public class OutputNamesTests
{
    private const string Train = "train --from {m} --input {x.npy} --target {y.npy} --loss mse --report 0 ";

    private static readonly string[] _endings = [".csv", ".json", ".nam", ".npy", ".onnx", ".safetensors", ".ONNX"];

    [Theory]
    [InlineData(Train + "--steps 1 --output ", "--output")]
    [InlineData("convert {m} ", "OUT")]
    [InlineData("demo --save ", "--save")]
    public void A_model_is_safetensors_or_onnx(string line, string symbol)
    {
        foreach (string name in new[] { "o", "o.json", "o.nam", "o.npy", "o.h5", "o.pt", "o.onnx.bak", "safetensors" })
        {
            using CliFolder folder = Ready();
            Assert.Contains(
                $"{symbol} is '{folder.File(name)}', expected a name that ends in .safetensors or .onnx.",
                folder.Fail(2, $"{line}{{{name}}}".Split(' ')),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Train + "--steps 1 --checkpoint ", "--checkpoint", ".safetensors")]
    [InlineData(Train + "--steps 1 --output {o.safetensors} --losses ", "--losses", ".csv")]
    [InlineData("run {m} --input {x.npy} --output ", "--output", ".npy")]
    [InlineData("run {m} --input {x.npy} --output hn=", "--output", ".npy")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {y.npy} --write ", "--write", ".safetensors")]
    [InlineData("bench {m} --steps 100 --max-bytes 1000000 --json ", "--json", ".json")]
    public void Any_other_output_has_no_name_of_another_format(string line, string symbol, string ending)
    {
        foreach (string other in _endings.Where(other => other != ending))
        {
            using CliFolder folder = Ready();
            Assert.Contains(
                $"{symbol} is '{folder.File("o2" + other)}', expected a name that ends in {ending}, "
                + "or in nothing that names another format.",
                folder.Fail(2, $"{line}{{o2{other}}}".Split(' ')),
                StringComparison.Ordinal);
        }

        foreach (string name in new[] { "o2", "o2" + ending, "o2" + ending.ToUpperInvariant(), "o2.v1" })
        {
            using CliFolder folder = Ready();
            folder.Succeed($"{line}{{{name}}}".Split(' '));
            Assert.True(File.Exists(folder.File(name)), name);
        }
    }

    [Theory]
    [InlineData("o.onnx", "ONNX, opset 17")]
    [InlineData("o.ONNX", "ONNX, opset 17")]
    [InlineData("o.safetensors", "safetensors, PyTorch's names")]
    [InlineData("o.Safetensors", "safetensors, PyTorch's names")]
    public void What_train_writes_is_what_the_name_says(string name, string format)
    {
        using CliFolder folder = Ready();
        (int code, _, string error) = folder.Run($"{Train}--steps 2 --output {{{name}}}".Split(' '));
        Assert.Equal(0, code);
        string lost = $"spanrnn: {folder.File(name)}: not in it: initial states and lengths of sequences as inputs (lengths, h0).";
        Assert.Equal(ModelNames.IsOnnx(name) ? lost : string.Empty, error.TrimEnd());
        folder.Succeed($"{Train}--steps 2 --output {{same.safetensors}} --precision double".Split(' '));

        RecurrentModel model = ModelFile.Load(folder.File(name));

        Assert.Equal(format, model.Format);
        Near.Assert<double>(
            "parameters",
            ModelFile.Load(folder.File("same.safetensors")).ReadParameters<double>().Span,
            model.ReadParameters<double>().Span,
            1e-4);
    }

    [Fact]
    public void A_network_that_the_format_cannot_express_is_refused_before_the_first_step()
    {
        using CliFolder folder = Ready();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 4) { ProjectionSize = 3 }));

        string sentence = folder.Fail(1, $"{Train}--steps 1000000000 --output {{o.onnx}} --losses {{l.csv}}".Split(' '));

        Assert.Contains("m: cannot be written as ", sentence, StringComparison.Ordinal);
        Assert.Contains("Layer 0 is an LSTM with a projection to 3, expected none", sentence, StringComparison.Ordinal);
    }

    /// <summary>A GRU of 3 units on x [5, 4, 2].</summary>
    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetAfter, 3)));
        folder.WriteArray("x.npy", 5, 4, 2);
        folder.WriteArray("y.npy", 5, 4, 3);
        return folder;
    }
}
