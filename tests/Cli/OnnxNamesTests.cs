using SpanRnn.Formats.Json;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Tests;

/// <summary>ONNX models on the command line: arrays have the graph's own names.</summary>
public class OnnxNamesTests
{
    private const int Steps = 4;
    private const int Batch = 3;
    private const int Hidden = 2;

    [Fact]
    public void Weights_that_are_inputs_lengths_and_states_have_the_names_of_the_graph()
    {
        using var folder = new CliFolder();
        WriteGru(folder);

        folder.Succeed(
            "run", "{m.onnx}", "--input", "X={x}", "--input", "W={w}", "--input", "R={r}", "--input", "sequence_lens={n}",
            "--input", "initial_h={h}", "--output", "Y={y}", "--output", "Y_h={yh}");

        // The same layer in this library's order: r z n of ONNX's z r h.
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.GruResetBefore, Hidden) { Bias = false });
        float[] w = folder.Read("w").ToSingles("D", "G", "I");
        float[] r = folder.Read("r").ToSingles("D", "G", "H");
        float[] parameters = new float[spec.Parameters.Length];
        Put(ParameterRole.InputWeights, w);
        Put(ParameterRole.RecurrentWeights, r);
        var run = new NetworkRun<float>(spec, Steps, [4, 0, 2]);
        parameters.CopyTo(run.Parameters, 0);
        folder.Read("x").ToSingles("T", "B", "I").CopyTo(run.X, 0);
        folder.Read("h").ToSingles("D", "B", "H").CopyTo(run.State, 0);

        // A sequence without steps gives zeros, as in ONNX Runtime, not its initial state.
        run.State.AsSpan(Hidden, Hidden).Clear();
        run.Forward();
        Assert.Equal([Steps, 1, Batch, Hidden], folder.Read("y").Shape.ToArray());
        Near.Rounded<float>("Y", run.Y, folder.Read("y").ToSingles("T", "D", "B", "H"));
        Near.Rounded<float>("Y_h", run.State, folder.Read("yh").ToSingles("D", "B", "H"));
        Assert.Equal([0, 0], folder.Read("yh").ToSingles("D", "B", "H").AsSpan(Hidden, Hidden));

        void Put(ParameterRole role, float[] from)
        {
            Span<float> to = spec.Slot(0, Direction.Forward, role)!.In(parameters.AsSpan());
            int block = from.Length / 3;
            from.AsSpan(block, block).CopyTo(to);
            from.AsSpan(0, block).CopyTo(to[block..]);
            from.AsSpan(2 * block).CopyTo(to[(2 * block)..]);
        }
    }

    [Theory]
    [InlineData(1, "X={x} --input R={r}", "W")]
    [InlineData(
        1, "X={x} --input W={w} --input R={r} --input Z={x}", "an array is given for 'Z', expected one of its inputs, 'X', 'W', 'R'")]
    [InlineData(2, "W={w} --input R={r}", "--input X is missing")]
    [InlineData(2, "X={x} --input W={w} --input R={r} --output Y_c={c}", "has the name 'Y_c', expected one of Y, Y_h.")]
    [InlineData(1, "X={h} --input W={w} --input R={r}", "the shape is [1, 3, 2], expected [T, B, 1], the axes of X.")]
    [InlineData(1, "X={x} --input W={w} --input R={r} --input initial_h={x}", "the shape is [4, 3, 1], expected [1, 3, 2]")]
    public void What_is_wrong_is_said_with_the_names_of_the_graph(int code, string line, string expected)
    {
        using var folder = new CliFolder();
        WriteGru(folder);

        string[] arguments = ["run", "{m.onnx}", "--output", "Y={y}", .. $"--input {line}".Split(' ')];
        Assert.Contains(expected, folder.Fail(code, arguments), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_takes_an_ONNX_model()
    {
        using var folder = new CliFolder();
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 3), new FinalStateLayer(), new DenseLayer(1));
        folder.WriteModel("m", spec);
        folder.WriteArray("x", Steps, Batch, 2);
        folder.WriteArray("gy", Batch, 1);
        folder.WriteArray("gh", 1, Batch, 3);
        folder.Succeed("convert", "{m}", "{m.onnx}");

        Assert.Contains("takes       x [T, B, 2], numbers", folder.Succeed("inspect", "{m.onnx}"), StringComparison.Ordinal);
        folder.Succeed("run", "{m}", "--input", "{x}", "--output", "{y}");
        folder.Succeed("run", "{m.onnx}", "--input", "{x}", "--output", "{yo}", "--output", "hn={hn}");
        Near.Same<float>("y", folder.Read("y").ToSingles("B", "O"), folder.Read("yo").ToSingles("B", "O"));
        string output = folder.Succeed(
            "gradcheck", "{m.onnx}", "--input", "{x}", "--output-gradient", "{gy}", "--output-gradient", "gh={gh}", "--write", "{g}");
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
        folder.Succeed("bench", "{m.onnx}", "--steps", "10");
        (int code, _, string error) = folder.Run(
            "train", "--from", "{m.onnx}", "--input", "{x}", "--target", "{gy}", "--loss", "mse", "--steps", "2",
            "--output", "{t.safetensors}");
        Assert.Equal(0, code);
        Assert.Contains("t.safetensors: not in it: metadata ", error, StringComparison.Ordinal);
        Assert.Equal(NetworkJson.Write(spec), NetworkJson.Write(ModelFile.Load(folder.File("t.safetensors")).Spec));
        folder.Succeed("convert", "{m.onnx}", "{back.safetensors}");
        Assert.Equal(File.ReadAllBytes(folder.File("m")), File.ReadAllBytes(folder.File("back.safetensors")));
    }

    // A GRU node whose W and R are inputs, on X [T, B, 1], and its arrays.
    private static void WriteGru(CliFolder folder)
    {
        var graph = new OnnxGraphWriter();
        graph.Input("X", true, OnnxGraphWriter.Steps, OnnxGraphWriter.Batch, 1);
        graph.Input("W", true, 1, 3 * Hidden, 1);
        graph.Input("R", true, 1, 3 * Hidden, Hidden);
        graph.Input("sequence_lens", false, OnnxGraphWriter.Batch);
        graph.Input("initial_h", true, 1, OnnxGraphWriter.Batch, Hidden);
        graph.Add(
            "GRU",
            "gru",
            ["X", "W", "R", string.Empty, "sequence_lens", "initial_h"],
            ["a", "b"],
            OnnxGraphWriter.Attribute("hidden_size", Hidden));
        graph.Output("a", "Y", OnnxGraphWriter.Steps, 1, OnnxGraphWriter.Batch, Hidden);
        graph.Output("b", "Y_h", 1, OnnxGraphWriter.Batch, Hidden);
        folder.Write("m.onnx", graph.ToBytes());
        folder.WriteArray("x", Steps, Batch, 1);
        folder.WriteArray("w", 1, 3 * Hidden, 1);
        folder.WriteArray("r", 1, 3 * Hidden, Hidden);
        folder.WriteArray("h", 1, Batch, Hidden);
        folder.WriteLengths("n", "<i4", 4, 0, 2);
    }
}
