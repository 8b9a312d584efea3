namespace SpanRnn.Tests;

public class ConvertCommandTests
{
    private static readonly NetworkSpec _lstm = new(2, new LayerSpec(CellKind.Lstm, 3), new HeadSpec(1, HeadPosition.EveryStep));

    [Theory]
    [InlineData("f32", "F32")]
    [InlineData("f64", "F64")]
    [InlineData("f16", "F16")]
    [InlineData("bf16", "BF16")]
    public void Safetensors_have_the_dtype_that_is_asked_for(string word, string dtype)
    {
        using var folder = new CliFolder();
        float[] parameters = folder.WriteModel("m", _lstm);

        string output = folder.Succeed("convert", "{m}", "{o.safetensors}", "--dtype", word);

        RecurrentModel model = ModelReader.Read(folder.File("o.safetensors"));
        Assert.Equal(dtype, model.Dtype);
        double bound = dtype switch { "F16" => 5e-4, "BF16" => 4e-3, _ => 0 };
        Near.Assert<float>("parameters", parameters, model.ReadParameters<float>().Span, bound);
        Assert.Contains($"o.safetensors: {_lstm.Parameters.Count} parameters in {dtype}, from ", output, StringComparison.Ordinal);
        Assert.Contains(" in F32.", output, StringComparison.Ordinal);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_model_in_double_stays_one_unless_it_is_rounded()
    {
        using var folder = new CliFolder();
        double[] parameters = new double[_lstm.Parameters.Length];
        _lstm.Initialize<double>(parameters, new RandomSource(1));
        folder.Write("m", PyTorchWriter.ToBytes<double>(_lstm, parameters));

        Assert.Contains("parameters in F64, from", folder.Succeed("convert", "{m}", "{o.safetensors}"), StringComparison.Ordinal);
        Assert.Equal(parameters, ModelReader.Read(folder.File("o.safetensors")).ReadParameters<double>().Span.ToArray());
        string output = folder.Succeed("convert", "{m}", "{o.safetensors}", "--dtype", "f32");
        Assert.Contains("parameters in F32, from", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ONNX_model_is_what_the_writer_makes()
    {
        using var folder = new CliFolder();
        float[] parameters = folder.WriteModel("m", _lstm);

        folder.Succeed("convert", "{m}", "{o.onnx}");

        Assert.Equal(OnnxWriter.ToBytes(_lstm, parameters), File.ReadAllBytes(folder.File("o.onnx")));
    }

    [Fact]
    public void What_is_lost_is_said()
    {
        using var folder = new CliFolder();
        var writer = new SafetensorsWriter { Metadata = { ["author"] = "n" } };
        writer.Add<float>("weight_ih_l0", [3, 2], new float[6]);
        writer.Add<float>("weight_hh_l0", [3, 3], new float[9]);
        folder.Write("m", writer.ToBytes());

        Assert.Contains("not in it: metadata author.", folder.Succeed("convert", "{m}", "{o.safetensors}"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_format_has_not_is_refused()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new LayerSpec(CellKind.Lstm, 3) { ProjectionSize = 2 }));

        string sentence = folder.Fail(1, "convert", "{m}", "{o.onnx}");

        Assert.Contains("o.onnx': Layer 0 is an LSTM with a projection to 2, expected none", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "{m} {o.txt}", "expected a name that ends in .safetensors or .onnx")]
    [InlineData(2, "{m} {o.onnx} --dtype f64", "--dtype is given, expected it only with .safetensors")]
    [InlineData(2, "{m} {o.safetensors} --dtype f8", "--dtype is 'f8', expected f32 or f64 or f16 or bf16")]
    [InlineData(2, "{m}", "Required argument missing")]
    [InlineData(1, "{m.safetensors} {m.safetensors}", "is read and would be overwritten")]
    [InlineData(1, "{none} {o.onnx}", "none' does not exist")]
    [InlineData(1, "{m} {none/o.onnx}", "none/o.onnx' does not exist")]
    public void A_wrong_line_is_refused(int code, string line, string expected)
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", _lstm);
        folder.WriteModel("m.safetensors", _lstm);

        Assert.Contains(expected, folder.Fail(code, ["convert", .. line.Split(' ')]), StringComparison.Ordinal);
    }
}
