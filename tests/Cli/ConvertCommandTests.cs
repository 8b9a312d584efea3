using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class ConvertCommandTests
{
    private static readonly NetworkSpec _lstm = new(2, new RecurrentLayer(CellKind.Lstm, 3), new DenseLayer(1));

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

        RecurrentModel model = ModelFile.Load(folder.File("o.safetensors"));
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
        Assert.Equal(parameters, ModelFile.Load(folder.File("o.safetensors")).ReadParameters<double>().Span.ToArray());
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

    /// <summary>An ONNX file is written even if the reader here does not find its layers again.</summary>
    [Fact]
    public void Layers_of_every_kind_are_converted()
    {
        using var folder = new CliFolder();
        var spec = new NetworkSpec(
            2,
            new AffineLayer(),
            new RecurrentLayer(CellKind.Lstm, 3),
            new SkipLayer(1) { Features = 2 },
            new AttentionLayer(),
            new DenseLayer(1));
        float[] parameters = folder.WriteModel("m", spec);

        string onnx = folder.Succeed("convert", "{m}", "{o.onnx}");
        folder.Succeed("convert", "{m}", "{o.safetensors}");

        Assert.Equal(OnnxWriter.ToBytes(spec, parameters), File.ReadAllBytes(folder.File("o.onnx")));
        Assert.Contains("not compared, since this program does not read it back: ", onnx, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(folder.File("m")), File.ReadAllBytes(folder.File("o.safetensors")));
    }

    [Fact]
    public void What_is_lost_is_said()
    {
        using var folder = new CliFolder();
        var writer = new SafetensorsWriter { Metadata = { ["author"] = "n" } };
        writer.Add<float>("weight_ih_l0", [9, 2], [1, .. new float[17]]);
        writer.Add<float>("weight_hh_l0", [9, 3], new float[27]);
        folder.Write("m", writer.ToBytes());

        Assert.Contains("not in it: metadata author.", folder.Succeed("convert", "{m}", "{o.safetensors}"), StringComparison.Ordinal);
    }

    /// <summary>An ONNX model of [B, T, …] stays one; a safetensors file is [T, B, …], which is said.</summary>
    [Fact]
    public void Axes_are_kept_or_their_change_is_said()
    {
        using var folder = new CliFolder();
        float[] parameters = folder.WriteModel("m", _lstm);
        folder.Write("b.onnx", OnnxWriter.ToBytes(_lstm, parameters, batchFirst: true));
        folder.WriteArray("x.npy", 3, 5, 2);
        folder.Succeed("run", "{b.onnx}", "--input", "{x.npy}", "--output", "{y.npy}");
        Assert.Equal([3, 5, 1], folder.Read("y.npy").Shape.ToArray());

        string kept = folder.Succeed("convert", "{b.onnx}", "{k.onnx}");
        folder.Succeed("run", "{k.onnx}", "--input", "{x.npy}", "--output", "{z.npy}");
        string changed = folder.Succeed("convert", "{b.onnx}", "{c.safetensors}");
        folder.Succeed("run", "{c.safetensors}", "--batch-first", "--input", "{x.npy}", "--output", "{w.npy}");

        Assert.DoesNotContain("different in it", kept, StringComparison.Ordinal);
        Assert.Contains("different in it: x [B, T, 2] is x [T, B, 2]; y [B, T, 1] is y [T, B, 1].", changed, StringComparison.Ordinal);
        Assert.Equal(folder.Read("y.npy").ToSingles("B", "T", "O"), folder.Read("z.npy").ToSingles("B", "T", "O"));
        Assert.Equal(folder.Read("y.npy").ToSingles("B", "T", "O"), folder.Read("w.npy").ToSingles("B", "T", "O"));
    }

    [Fact]
    public void Names_lengths_and_states_that_change_are_said()
    {
        using var folder = new CliFolder();
        var graph = new OnnxBuilder();
        float[] numbers = [.. Enumerable.Range(0, 64).Select(i => (i % 7 / 10f) - 0.2f)];
        graph.Input("sound", -1, -2, 2).IntegerInput("lens", -2).Input("start", 1, -2, 3);
        graph.Constant("W", [1, 9, 2], numbers.AsSpan(0, 18)).Constant("R", [1, 9, 3], numbers.AsSpan(0, 27));
        graph.Constant("B", [1, 18], numbers.AsSpan(0, 18)).Constant("M", [3, 2], numbers.AsSpan(0, 6)).Constant("b", [2], [0.5f, 0.25f]);
        graph.Node("GRU", ["sound", "W", "R", "B", "lens", "start"], ["Y", "last"], ("hidden_size", 3L));
        string product = graph.Node("MatMul", [graph.Node("Squeeze", ["Y", graph.Integers(1)]), "M"]);
        graph.Node("Add", [product, "b"], ["result"]);
        folder.Write("m.onnx", graph.Output("result").Output("last").ToBytes());

        string output = folder.Succeed("convert", "{m.onnx}", "{o.safetensors}");
        Assert.Contains(
            "different in it: sound [T, B, 2] is x [T, B, 2]; lens [B] is lengths [B]; start [1, B, 3] is h0 [1, B, 3]; "
            + "result [T, B, 2] is y [T, B, 2]; last [1, B, 3] is hn [1, B, 3]; "
            + "y is zero beyond the length of a sequence, and not what the layers make of zeros; "
            + "a sequence of length 0 keeps its initial states, and does not end in zeros.",
            output,
            StringComparison.Ordinal);
        Assert.Contains(
            "initial states and lengths of sequences as inputs (lens, start).",
            folder.Succeed("convert", "{m.onnx}", "{o.onnx}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_state_of_a_training_run_is_named_as_one()
    {
        using var folder = new CliFolder();
        using var trainer = new Trainer<float>(_lstm, new Adam<float>(_lstm.Parameters.Length), new TrainerOptions(Loss.MeanSquaredError));
        TrainingCheckpoint.Save(folder.File("c"), trainer);

        string output = folder.Succeed("convert", "{c}", "{o.safetensors}");

        Assert.Equal("not in it: the optimizer's state and settings of training.", output.TrimEnd().Split('\n')[1]);
    }

    [Fact]
    public void What_the_format_has_not_is_refused()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2 }));

        string sentence = folder.Fail(1, "convert", "{m}", "{o.onnx}");

        Assert.Contains("o.onnx': Layer 0 is an LSTM with a projection to 2, expected none", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "{m} {o.txt}", "expected a name that ends in .safetensors or .onnx")]
    [InlineData(2, "{m} {o.onnx} --dtype f64", "--dtype is given, expected it only with .safetensors")]
    [InlineData(2, "{m} {o.safetensors} --dtype f8", "--dtype is 'f8', expected f32 or f64 or f16 or bf16")]
    [InlineData(2, "{m}", "Required argument 'OUT' missing")]
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
